"""The app's wishes to hear of a shop's orders: looked at, and made again where they are gone.

Source: shopify.dev/docs/api/admin-graphql/2026-04 (webhookSubscriptions, webhookSubscriptionCreate)
and /docs/apps/build/webhooks/subscribe, read 2026-11-20. Shopify knows no wish that is off: after
nine failures it deletes it. Those of the app's own configuration it neither lists nor deletes.
"""

from collections.abc import Iterable

from pydantic import ValidationError

from vouchsafe.pure.connection import Connection
from vouchsafe.pure.errors import Refused, Unavailable
from vouchsafe.pure.parsing import M, Narrow
from vouchsafe.pure.pull import Send, Subscription

from .graph import ask
from .query import WISH, WISHES

# The vendor's names for the topics of the door-plate. Privacy topics are in the app's configuration
# only: no API knows of them.
TOPICS = {
    "ORDERS_CREATE": "orders/create",
    "ORDERS_UPDATED": "orders/updated",
    "ORDERS_PAID": "orders/paid",
    "ORDERS_CANCELLED": "orders/cancelled",
    "ORDERS_EDITED": "orders/edited",
    "ORDERS_DELETE": "orders/delete",
    "REFUNDS_CREATE": "refunds/create",
}
# An app has one wish for each topic and address; far more than it could have of ours.
_MOST_PAGES = 10
# What the vendor says in words only, and what we say for it: its own text stays out.
_TAKEN = "already been taken"
_SAID = {
    "protected customer data": "the app may not see protected customer data",
    "access scope": "the app lacks the scope for it",
    "approved": "the app lacks the scope for it",
}


class _Wish(Narrow):
    topic: str
    uri: str
    format: str
    filter: str | None = None
    include_fields: tuple[str, ...] = ()


class _PageInfo(Narrow):
    has_next_page: bool
    end_cursor: str | None = None


class _Wishes(Narrow):
    nodes: tuple[_Wish, ...]
    page_info: _PageInfo


class _Complaint(Narrow):
    message: str


class _Made(Narrow):
    wish: dict[str, str] | None
    complaints: tuple[_Complaint, ...]


def check(send: Send, connection: Connection) -> tuple[Subscription, ...]:
    """What stands of them; nothing where option `webhooks` says that the app's configuration holds
    them. Raises Refused, Unavailable."""
    if connection.options.get("webhooks") == "configured":
        return ()
    ours = [each for each in _held(send, connection) if each.uri == connection.notification_url]
    return tuple(_seen(send, connection, topic, ours) for topic in TOPICS)


def _held(send: Send, connection: Connection) -> list[_Wish]:
    """The app's wishes at this shop, by the vendor's own filter for our address."""
    held: list[_Wish] = []
    after = None
    for _ in range(_MOST_PAGES):
        asked = {"uri": connection.notification_url, "after": after}
        page = _told(_Wishes, ask(send, connection, WISHES, asked))
        held += page.nodes
        if not page.page_info.has_next_page:
            return held
        after = page.page_info.end_cursor
    raise Unavailable("the vendor's list of subscriptions does not end")


def _seen(send: Send, connection: Connection, topic: str, ours: Iterable[_Wish]) -> Subscription:
    event = TOPICS[topic]
    wishes = [each for each in ours if each.topic == topic]
    if not wishes:
        return _made_again(send, connection, topic)
    if any(_is_whole(each) for each in wishes):
        return Subscription(event=event, state="on")
    why = "it has a filter or a choice of fields, or is not in JSON: delete it, we make a new one"
    return Subscription(event=event, state="off", why=why)


def _is_whole(wish: _Wish) -> bool:
    return wish.format == "JSON" and not wish.filter and not wish.include_fields


def _made_again(send: Send, connection: Connection, topic: str) -> Subscription:
    event = TOPICS[topic]
    asked = {"topic": topic, "wish": {"uri": connection.notification_url, "format": "JSON"}}
    try:
        made = _told(_Made, ask(send, connection, WISH, asked))
    except (Refused, Unavailable) as reason:
        # What was made before this one is told all the same.
        return Subscription(event=event, state="missing", why=str(reason))
    if any(_TAKEN in each.message for each in made.complaints):
        # Another sweep was a moment faster.
        return Subscription(event=event, state="on")
    if made.wish is None:
        return Subscription(event=event, state="missing", why=_why(made.complaints))
    return Subscription(event=event, state="made_again", why="there was none for our address")


def _why(complaints: tuple[_Complaint, ...]) -> str:
    said = " ".join(each.message for each in complaints)
    return next((ours for theirs, ours in _SAID.items() if theirs in said), "the vendor refused it")


def _told(model: type[M], data: object) -> M:
    try:
        return model.model_validate(data)
    except ValidationError:
        # Not chained: pydantic's own error holds what the vendor sent.
        reason = "the vendor's answer is not one about subscriptions"
    raise Unavailable(reason)
