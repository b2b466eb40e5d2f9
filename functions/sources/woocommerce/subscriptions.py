"""A shop's webhooks for our address: looked at, switched on again, made where there is none.

Source: woocommerce/woocommerce 11.2 (REST webhooks, webhook data store) and
woocommerce-rest-api-docs, webhooks, read 2026-11-20. Looking takes a key of a shop manager; mending
one with permission Read/Write.
"""

from pydantic import ValidationError

from vouchsafe.pure.connection import Connection
from vouchsafe.pure.errors import Refused, Unavailable
from vouchsafe.pure.parsing import Narrow
from vouchsafe.pure.pull import Request, Send, Subscription

from .calls import get, listed, page_count, write

TOPICS = ("order.created", "order.updated", "order.deleted", "order.restored")
_A_PAGE = "100"
_MOST_PAGES = 20
_MAY_NOT = frozenset({401, 403})


class _Webhook(Narrow):
    id: int
    status: str
    topic: str
    delivery_url: str


def check(send: Send, connection: Connection) -> tuple[Subscription, ...]:
    """What stands of them. Raises Refused, Unavailable where the shop does not show them."""
    ours = [
        each for each in _held(send, connection) if each.delivery_url == connection.notification_url
    ]
    return tuple(
        _seen(send, connection, topic, [each for each in ours if each.topic == topic])
        for topic in TOPICS
    )


def _held(send: Send, connection: Connection) -> list[_Webhook]:
    held: list[_Webhook] = []
    for page in range(1, _MOST_PAGES + 1):
        asked = {"per_page": _A_PAGE, "page": str(page), "orderby": "id", "order": "asc"}
        answer = send(get(connection, "webhooks", asked))
        held += [_webhook(each) for each in listed(answer)]
        if page >= page_count(answer):
            return held
    raise Unavailable("the shop's list of webhooks does not end")


def _webhook(told: object) -> _Webhook:
    try:
        return _Webhook.model_validate(told)
    except ValidationError:
        # Not chained: pydantic's own error holds what the shop sent.
        reason = "the shop's webhook is none that we know"
    raise Unavailable(reason)


def _seen(send: Send, connection: Connection, topic: str, ours: list[_Webhook]) -> Subscription:
    """WooCommerce switches off by `disabled`; `paused` is a person's own doing."""
    if any(each.status == "active" for each in ours):
        return Subscription(event=topic, state="on")
    disabled = next((each for each in ours if each.status == "disabled"), None)
    if disabled is not None:
        request = write("PUT", connection, f"webhooks/{disabled.id}", {"status": "active"})
        left = Subscription(event=topic, state="off")
        return _mended(send, request, left, "it was disabled, as after failed deliveries")
    if ours:
        return Subscription(event=topic, state="off", why="somebody has paused it")
    if not connection.signing_keys:
        return Subscription(event=topic, state="missing", why="there is no key to sign it with")
    wish = {
        "name": f"Vouchsafe, {topic}",
        "topic": topic,
        "delivery_url": connection.notification_url,
        "secret": connection.signing_keys[0],
    }
    request = write("POST", connection, "webhooks", wish)
    left = Subscription(event=topic, state="missing")
    return _mended(send, request, left, "there was none for our address")


def _mended(send: Send, request: Request, left: Subscription, why: str) -> Subscription:
    """Made again, or left as it was and why: what was mended before it is told all the same."""
    try:
        send(request)
    except Refused as refusal:
        may_not = "the REST API key may not write: give it the permission Read/Write"
        said = may_not if refusal.status in _MAY_NOT else str(refusal)
        return Subscription(event=left.event, state=left.state, why=said)
    except Unavailable as reason:
        return Subscription(event=left.event, state=left.state, why=str(reason))
    return Subscription(event=left.event, state="made_again", why=why)
