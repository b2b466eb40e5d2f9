"""The till of the battery, and the room that reads it: one platform, in JSON of its own."""

import json
from datetime import UTC, datetime, timedelta
from decimal import Decimal

from vouchsafe.pure.connection import Connection
from vouchsafe.pure.errors import Forged, Unreadable
from vouchsafe.pure.facts import (
    Discount,
    Fact,
    Line,
    OrderKey,
    OrderSaid,
    RefundSaid,
    ReturnedLine,
)
from vouchsafe.pure.hearing import Delivery, Document, Heard, Verdict
from vouchsafe.pure.identity import Identify
from vouchsafe.pure.pull import Page, Send, Window

from .model import Stage, Story

PLATFORM = "battery"
ACCOUNT = "shop"
OPENING = datetime(2026, 3, 1, 12, tzinfo=UTC)
GROSS = 4 * 10**10


def document(story: Story, at: int) -> bytes:
    """What the till sends of an order at one of its stages; with the last, what came back."""
    stage = story.stages[at]
    last = at == len(story.stages) - 1
    return json.dumps(
        {
            "id": story.order_id,
            "version": at,
            "state": stage.state,
            "minute": stage.minute,
            "codes": stage.codes,
            "person": story.person,
            "returned": story.returned_units if last else 0,
        }
    ).encode()


def verify(delivery: Delivery, connection: Connection, _now: object) -> Verdict:
    """Genuine when signed with a key of the connection."""
    if delivery.headers.get("x-signature") not in connection.signing_keys:
        raise Forged("not signed")
    return "genuine"


def read(delivery: Delivery, _connection: Connection, identify: Identify) -> Heard:
    """A delivery's facts."""
    facts = _facts(delivery.body, identify, delivery.received_at, delivery.digest())
    return Heard(event="order", facts=facts)


def read_document(
    said: Document, _connection: Connection, identify: Identify, at: datetime
) -> tuple[Fact, ...]:
    """A pulled document's facts."""
    return _facts(said.body, identify, at, "pulled")


class Till:
    """The till's own list, two orders a page."""

    def __init__(self, stories: tuple[Story, ...]) -> None:
        self._stories = stories

    def list_orders(
        self, _send: Send, _connection: Connection, _window: Window, cursor: str | None
    ) -> Page:
        """Every order as it stands in the end."""
        start = int(cursor or 0)
        shown = self._stories[start : start + 2]
        more = start + 2 < len(self._stories)
        return Page(
            documents=tuple(
                Document(kind="order", body=document(story, len(story.stages) - 1))
                for story in shown
            ),
            cursor=str(start + 2) if more else None,
        )


def _facts(body: bytes, identify: Identify, at: datetime, digest: str) -> tuple[Fact, ...]:
    try:
        said = json.loads(body)
        stage = Stage(said["state"], tuple(map(tuple, said["codes"])), said["minute"])
    except (ValueError, KeyError, TypeError) as error:
        raise Unreadable("document", "is not the till's") from error
    order = OrderKey(platform=PLATFORM, account=ACCOUNT, order_id=said["id"])
    person = identify("email", said["person"])

    def fact(kind: str, object_id: str, version: str, body: OrderSaid | RefundSaid) -> Fact:
        return Fact(
            order=order,
            kind=kind,  # type: ignore[arg-type]
            object_id=object_id,
            version=version,
            body=body,
            source_digest=f"{digest}/{said['id']}/{said['version']}",
            reader=1,
            received_at=at,
            customer=(person,) if person else (),
        )

    facts = [fact("order", said["id"], f"{said['version']:04d}", _order(stage))]
    if said["returned"]:
        facts.append(fact("refund", "r", "1", _refund(stage, said["returned"])))
    return tuple(facts)


def _order(stage: Stage) -> OrderSaid:
    then = OPENING + timedelta(minutes=stage.minute)
    off = sum(amount for _, amount in stage.codes)
    return OrderSaid(
        currency="USD",
        placed_at=OPENING,
        updated_at=then,
        confirmed_at=then if stage.state == "confirmed" else None,
        reversed_at=then if stage.state == "reversed" else None,
        gross_minor=GROSS,
        discount_minor=off,
        total_minor=GROSS - off,
        lines=(Line(line_id="l", quantity=Decimal(4), gross_minor=GROSS),),
        discounts=tuple(
            Discount(
                discount_id=str(at),
                kind="code",
                amount_minor=amount,
                where=f"codes[{at}]",
                code_raw=code,
            )
            for at, (code, amount) in enumerate(stage.codes)
        ),
    )


def _refund(stage: Stage, units: int) -> RefundSaid:
    total = GROSS - sum(amount for _, amount in stage.codes)
    return RefundSaid(
        currency="USD",
        state="completed",
        refunded_at=OPENING + timedelta(minutes=stage.minute + 1),
        amount_minor=total * units // 4,
        lines=(ReturnedLine(line_id="l", quantity=Decimal(units)),),
    )
