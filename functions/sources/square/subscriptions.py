"""The application's webhook for our address: looked at, switched on again, given its events again.

Source: developer.squareup.com/docs/webhooks/webhook-subscriptions-api and the vendor's Python SDK
45.1.0.20260819, read 2026-11-20. Only the application's personal access token may look there, which
is not the token that a seller gives it by OAuth. A new webhook would sign with a new key, which
only a person can bring to us: so none is made.
"""

from collections.abc import Iterable
from dataclasses import replace
from typing import Literal

from pydantic import ValidationError

from vouchsafe.pure.connection import Connection
from vouchsafe.pure.errors import Refused, Unavailable
from vouchsafe.pure.parsing import Narrow
from vouchsafe.pure.pull import Send, Subscription

from .calls import Square

# The door-plate's events.
EVENTS = (
    "order.created",
    "order.updated",
    "order.fulfillment.updated",
    "payment.created",
    "payment.updated",
    "refund.created",
    "refund.updated",
)
Unmended = Literal["off", "missing"]

_MOST_PAGES = 20
_MAY_NOT = frozenset({401, 403})
_NOT_SHOWN = "webhooks are shown to the application's own token only: option application_token"
_MISSING = "make it in the Developer Console, and put its signature key first in signing_keys"
_UNPROVEN = "its signature key is not among signing_keys: we refuse what it brings"


class _Webhook(Narrow):
    id: str
    enabled: bool = False
    event_types: tuple[str, ...] = ()
    notification_url: str = ""
    signature_key: str = ""


def check(send: Send, connection: Connection) -> tuple[Subscription, ...]:
    """What stands of it, an entry for each event. Raises Refused, Unavailable where it is not
    shown."""
    # Whoever connects the own business only has no other token than the application's.
    token = connection.options.get("application_token") or connection.api_key
    square = Square(send, replace(connection, api_key=token))
    url = connection.notification_url
    held = [each for each in _held(square) if each.notification_url == url]
    if not held:
        return _all("missing", _MISSING)
    keys = {*connection.signing_keys, ""}
    ours = [each for each in held if each.signature_key in keys]
    if not ours:
        return _all("off", _UNPROVEN)
    on = {event for each in ours if each.enabled for event in each.event_types}
    lacking = [event for event in EVENTS if event not in on]
    mended = {each.event: each for each in _mended(square, ours, lacking)}
    return tuple(mended.get(event) or Subscription(event=event, state="on") for event in EVENTS)


def _held(square: Square) -> list[_Webhook]:
    held: list[_Webhook] = []
    cursor = ""
    for _ in range(_MOST_PAGES):
        page, cursor = _page(square, cursor)
        held += page
        if not cursor:
            return held
    raise Unavailable("Square's list of webhooks does not end")


def _page(square: Square, cursor: str) -> tuple[list[_Webhook], str]:
    try:
        found, rest = square.webhooks(cursor)
        return [_Webhook.model_validate(each) for each in found], str(rest)
    except Refused as refusal:
        if refusal.status not in _MAY_NOT:
            raise
        raise Refused(_NOT_SHOWN, status=refusal.status) from refusal
    except ValidationError:
        # Not chained: pydantic's own error holds what the vendor sent, signature keys included.
        reason = "Square's webhook is none that we know"
    raise Unavailable(reason)


def _mended(square: Square, ours: list[_Webhook], lacking: list[str]) -> Iterable[Subscription]:
    """The lacking events, on one webhook that is on if any is."""
    if not lacking:
        return
    chosen = next((each for each in ours if each.enabled), ours[0])
    told = {"enabled": True, "event_types": sorted({*chosen.event_types, *lacking})}
    off = {event for each in ours for event in each.event_types}
    try:
        square.change_webhook(chosen.id, told)
    except (Refused, Unavailable) as reason:
        for event in lacking:
            state: Unmended = "off" if event in off else "missing"
            yield Subscription(event=event, state=state, why=str(reason))
        return
    for event in lacking:
        why = "it was switched off" if event in off else "the webhook did not name it"
        yield Subscription(event=event, state="made_again", why=why)


def _all(state: Unmended, why: str) -> tuple[Subscription, ...]:
    return tuple(Subscription(event=event, state=state, why=why) for event in EVENTS)
