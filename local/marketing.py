"""The marketing side of a run: contacts posted and swept, some late, and what the stack kept of it.

What is posted goes through the doors of the marketing tools and of Marketing Cloud's callback: in
batches, some twice, some forged. One batch in four comes only when the sales are in the ledger, so
that orders are judged again; the credit must be the same. A page tells of visits just now, which
are after all sales and earn nothing.
"""

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from random import Random

from local import clockwork
from local.aws import STACK, LocalAws
from local.contacts import Contact, Teller, told_by
from local.dealing import SALESFORCE, SALESFORCE_LOYALTY, TOUCHPOINTS, Shop
from local.deliver import Parcel, Receipt, deliver, ways
from local.injections import drawn
from local.payloads import salesforce, touchpoints
from local.payloads.message import Message
from local.settle import settle
from local.steps import Steps
from local.tables import document, items

LATE_ONE_IN = 4
TWICE_ONE_IN = 5
BEACONS = 12
_SEEN_NOW = re.compile(r"visit-[0-9a-f]{24}")
_DOORS = ("touchpoints", "salesforce")


@dataclass(frozen=True, slots=True)
class Kept:
    """What the stack says of contacts: kept by who told, and calls that it answered with 401."""

    by: Counter[Teller] = field(default_factory=Counter)
    seen_now: int = 0
    refused: int = 0
    faults: tuple[str, ...] = ()


class Marketing:
    """The marketing side of one run; each method is a step of it, or reads what came of it."""

    def __init__(self, contacts: Sequence[Contact], aws: LocalAws, steps: Steps, seed: int) -> None:
        self._contacts = contacts
        self._aws = aws
        self._steps = steps
        self._random = Random(seed)  # noqa: S311  (a shuffle that can be repeated, no secret)
        self._receipts: list[Receipt] = []

    def ask_salesforce(self) -> None:
        """Which codes were given to whom, as the clock would have asked over the weeks before."""
        with self._steps.step("Asking Salesforce who was given which code") as step:
            self._ask(SALESFORCE, "cloud")
            settle(self._aws, step.tell)
            kept = matched(_kept_ids(self._aws), self._contacts)
            step.result = f"{kept.by['cloud']} codes out of data extensions"

    def ask_loyalty(self) -> None:
        """Sets off the sweep of vouchers, which here come after the sales."""
        self._ask(SALESFORCE_LOYALTY, "loyalty")

    def post(self) -> None:
        """What is told before the sales, forgeries among it."""
        now = datetime.now(UTC)
        queue = [*self._batches(late=False), *forgeries(self._contacts, now)]
        queue += [_parcel(each) for each in _beacons(self._contacts, now)]
        self._random.shuffle(queue)
        self._post("Posting clicks and visits", [_parcel(_handshake(now)), *queue])

    def post_late(self) -> None:
        """What is told when the sales are in the ledger already."""
        queue = self._batches(late=True)
        self._post("Posting the clicks that come after the sales", queue)

    def kept(self) -> Kept:
        """What the stack holds in the end, and what of it is not as it should be."""
        found = matched(_kept_ids(self._aws), self._contacts)
        surprises = [each for receipt in self._receipts for each in receipt.surprises]
        answered = sum(receipt.refused for receipt in self._receipts)
        surprises += untold(answered, _told_refused(self._aws))
        return replace(found, refused=answered, faults=(*surprises, *found.faults))

    def _post(self, title: str, queue: Sequence[Parcel]) -> None:
        with self._steps.step(title, len(queue)) as step:
            receipt = deliver(queue, self._aws.api_url, step.advance)
            self._receipts.append(receipt)
            rate = receipt.sent / max(receipt.seconds, 0.001)
            step.result = f"{receipt.sent} calls, {rate:.0f} a second"

    def _batches(self, *, late: bool) -> list[Parcel]:
        """The batches of a part, some of them twice."""
        batches = [each for each in messages_of(self._contacts) if is_late(each) == late]
        again = [each for each in batches if drawn(each.number, "posted twice", TWICE_ONE_IN)]
        return [_parcel(each) for each in (*batches, *again)]

    def _ask(self, shop: Shop, teller: Teller) -> None:
        """From the first contact on, if there is any."""
        told = told_by(self._contacts, teller)
        if told:
            clockwork.ask(self._aws, shop, min(each.at for each in told), datetime.now(UTC))


def messages_of(contacts: Iterable[Contact]) -> list[Message]:
    """Every genuine batch: of the marketing tools, and of Marketing Cloud's callback."""
    held = list(contacts)
    posted = touchpoints.messages((each.row for each in told_by(held, "door")), TOUCHPOINTS)
    clicked = salesforce.messages((each.row for each in told_by(held, "mail")), SALESFORCE)
    return [*posted, *clicked]


def is_late(message: Message) -> bool:
    """Whether a batch comes after the sales: the second one does, in a small world too."""
    return message.number % LATE_ONE_IN == 1


def matched(names: Iterable[str], contacts: Sequence[Contact]) -> Kept:
    """What is kept, by its names, against the whole list: each contact once, and nothing else.

    Two people may have got a code at one minute: their contacts have the same name.
    """
    tellers = {each.row["touchpoint_id"]: each.teller for each in contacts}
    missing = Counter(each.row["touchpoint_id"] for each in contacts)
    by, seen_now, faults = Counter[Teller](), 0, list[str]()
    for name in names:
        if missing[name]:
            missing[name] -= 1
            by[tellers[name]] += 1
        elif _SEEN_NOW.fullmatch(name):
            seen_now += 1
        else:
            faults.append(f"the contact {name} was told by nobody, or is kept twice")
    lost = Counter(tellers[name] for name in missing.elements())
    faults += [f"{count} contacts of {teller} were not kept" for teller, count in lost.items()]
    return Kept(by, seen_now, faults=tuple(faults))


def _kept_ids(aws: LocalAws) -> Iterator[str]:
    """The ids of what is kept; a publication's marker has no body."""
    for item in items(aws, "Touchpoints"):
        told = document(item)
        if isinstance(told, dict):
            yield str(told["touchpoint_id"])


def untold(answered: int, told: int) -> list[str]:
    """What is wrong with what the doors' lines tell of refusals.

    Fewer than there were is nothing: the local AWS waits fifty milliseconds for the line of a
    function, and on a busy machine some come later.
    """
    if told > answered or (answered and not told):
        return [f"{answered} calls were answered 401, the doors' lines tell of {told}"]
    return []


def _told_refused(aws: LocalAws) -> int:
    """How many deliveries the marketing doors say, in their own lines, to have refused."""
    pages = aws.client("logs").get_paginator("filter_log_events")
    return sum(
        '"forged"' in event["message"]
        for door in _DOORS
        for page in pages.paginate(logGroupName=f"/{STACK}/sources/{door}")
        for event in page["events"]
    )


def forgeries(contacts: Sequence[Contact], now: datetime) -> Iterator[Parcel]:
    """Contacts of real people that nobody had, in every way of forging that a door can notice."""
    tools = [touchpoints.forgeable(each.row) for each in told_by(contacts, "door")[:50]]
    cloud = [salesforce.forgeable(each.row) for each in told_by(contacts, "mail")[:50]]
    for message in touchpoints.messages(tools, TOUCHPOINTS):
        for way in (*ways(TOUCHPOINTS), "signed long ago"):
            yield Parcel(message, _account(TOUCHPOINTS, way), way)
    for message in salesforce.messages(cloud, SALESFORCE):
        for way in ways(SALESFORCE):
            yield Parcel(message, _account(SALESFORCE, way), way)
    strangers = Shop(TOUCHPOINTS.platform, TOUCHPOINTS.account, TOUCHPOINTS.shop, ("a guess",), "")
    for each in told_by(contacts, "door")[:2]:
        made = touchpoints.beacon(each.row["identity"], 999, strangers, now)
        yield Parcel(made, TOUCHPOINTS.account, "wrong key")


def _beacons(contacts: Sequence[Contact], now: datetime) -> Iterator[Message]:
    people = dict.fromkeys(each.row["identity"] for each in contacts)
    for number, identity in enumerate([*people][:BEACONS], start=1):
        yield touchpoints.beacon(identity, number, TOUCHPOINTS, now)


def _handshake(now: datetime) -> Message:
    return salesforce.handshake(SALESFORCE, now)


def _account(shop: Shop, way: str) -> str:
    return "nobody" if way == "unknown shop" else shop.account


def _parcel(message: Message) -> Parcel:
    return Parcel(message, message.shop.account)
