"""What the product's own rooms hear of the contacts of a world, each by the road that tells it."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import replace
from datetime import UTC, datetime

from functions.sources.salesforce import api
from functions.sources.salesforce.read import read as read_events
from functions.sources.salesforce.read import read_document
from functions.sources.salesforce.verify import verify as verify_events
from functions.sources.touchpoints.read import read as read_posted
from functions.sources.touchpoints.verify import verify as verify_posted
from local import tellers
from local.contacts import Contact, told_by
from local.dealing import SALESFORCE, SALESFORCE_LOYALTY, TOUCHPOINTS, Shop
from local.payloads import salesforce, touchpoints
from local.payloads.message import Message
from local.tellers import TELLERS
from local.vendors.exchange import Answer, Desk, Request
from tests.local_data.product import API, HEARD_AT, IDENTIFY, send_to
from vouchsafe.pure.connection import Connection, connection_from
from vouchsafe.pure.errors import Refused
from vouchsafe.pure.hearing import Delivery, Heard
from vouchsafe.pure.pull import Window
from vouchsafe.pure.register_lines import line_of
from vouchsafe.pure.register_rows import Row
from vouchsafe.pure.touchpoint import Touchpoint

SINCE = datetime(2016, 1, 1, tzinfo=UTC)


def connection(shop: Shop) -> Connection:
    """As the run keeps it as a secret."""
    plain = tellers.connections(API, "100")[f"{shop.platform}/{shop.account}"]
    return connection_from(shop.platform, shop.account, plain)


def delivered(message: Message, now: datetime = HEARD_AT) -> Delivery:
    """A message as the door takes it in."""
    headers = TELLERS[message.shop.platform].headers(message, now)
    return Delivery(
        platform=message.shop.platform,
        account=message.shop.account,
        headers={name.lower(): value for name, value in headers.items()},
        body=message.body,
        received_at=now,
    )


def heard(message: Message) -> Heard:
    """What the door of the message's platform makes of it."""
    sent, mine = delivered(message), connection(message.shop)
    if message.shop == TOUCHPOINTS:
        assert verify_posted(sent, mine, HEARD_AT) == "genuine"
        return read_posted(sent, mine, IDENTIFY)
    assert verify_events(sent, mine, HEARD_AT) == "genuine"
    return read_events(sent, mine, IDENTIFY)


class Behind:
    """A desk where the stand-ins' server has it."""

    def __init__(self, shop: Shop, desk: Desk) -> None:
        self._prefix = tellers.prefix(shop)
        self._desk = desk

    def answer(self, request: Request) -> Answer:
        return self._desk.answer(replace(request, path=request.path.removeprefix(self._prefix)))


def posted(seen: Iterable[Contact]) -> list[Touchpoint]:
    rows = (each.row for each in told_by(seen, "door"))
    batches = touchpoints.messages(rows, TOUCHPOINTS)
    return [touch for each in batches for touch in heard(each).touchpoints]


def clicked(seen: Iterable[Contact]) -> list[Touchpoint]:
    rows = (each.row for each in told_by(seen, "mail"))
    batches = salesforce.messages(rows, SALESFORCE)
    return [touch for each in batches for touch in heard(each).touchpoints]


def swept(shop: Shop, seen: Iterable[Contact]) -> list[Touchpoint]:
    """What a sweep of everything finds at an account's stand-in; nothing of it is an order."""
    mine = connection(shop)
    send = send_to(Behind(shop, tellers.desks(list(seen))[tellers.prefix(shop)]))
    grant = api.sign_in(send, mine, None, HEARD_AT)
    mine = replace(mine, access_token=grant.token)
    window = Window(start=SINCE, end=HEARD_AT)
    cursor: str | None = None
    found: list[Touchpoint] = []
    while True:
        try:
            page = api.list_orders(send, mine, window, cursor)
        except Refused as reason:
            if reason.status != 401:
                raise
            mine = replace(mine, access_token=api.sign_in(send, mine, grant, HEARD_AT).token)
            continue
        for document in page.documents:
            for said in read_document(document, mine, IDENTIFY, HEARD_AT):
                assert isinstance(said, Touchpoint)
                found.append(said)
        if page.cursor is None:
            return found
        cursor = page.cursor


def as_the_file_would_say(each: Contact) -> Touchpoint:
    """The contact by its row; the channel of a code's row is its campaign's, and not said."""
    cells = dict(each.row)
    if each.teller in ("cloud", "loyalty"):
        cells["channel"] = ""
    said = line_of(Row("touchpoints", "", 0, cells), IDENTIFY).said
    assert isinstance(said, Touchpoint)
    return said


def by_person(seen: Iterable[Contact]) -> dict[str, list[Touchpoint]]:
    """All contacts as the rooms hear them, by identity key, oldest first."""
    held = list(seen)
    told = [as_the_file_would_say(each) for each in told_by(held, "register")]
    told += [*posted(held), *clicked(held), *swept(SALESFORCE, held)]
    told += swept(SALESFORCE_LOYALTY, held)
    found: dict[str, list[Touchpoint]] = defaultdict(list)
    for touch in sorted(told, key=lambda each: (each.seen_at, each.touchpoint_id)):
        found[touch.customer].append(touch)
    return found
