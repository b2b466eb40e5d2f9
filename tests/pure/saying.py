"""Facts made up for the laws of the ledger: small, but with every freedom that tills take."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal

from hypothesis import strategies as st

from vouchsafe.pure.facts import (
    Discount,
    Fact,
    Line,
    OrderKey,
    OrderSaid,
    PaymentSaid,
    RefundSaid,
    ReturnedLine,
)

NOON = datetime(2026, 11, 20, 12, tzinfo=UTC)
KEY = OrderKey(platform="shopify", account="corner-shop", order_id="1001")


def at(minutes: int) -> datetime:
    """An instant so many minutes after noon."""
    return NOON + timedelta(minutes=minutes)


def fact(body: OrderSaid | RefundSaid | PaymentSaid, *, version: int = 1, **said: object) -> Fact:
    """A fact about the one order of these tests."""
    kinds = {OrderSaid: "order", RefundSaid: "refund", PaymentSaid: "payment"}
    default = {
        "order": KEY,
        "kind": kinds[type(body)],
        "object_id": "1001",
        "version": f"{version:04d}",
        "source_digest": f"bytes of {kinds[type(body)]} {said.get('object_id', '')} {version}",
        "reader": 1,
        "received_at": NOON,
    }
    return Fact(body=body, **(default | said))  # type: ignore[arg-type]


def bill(**said: object) -> OrderSaid:
    """Two mugs for 50.00 with WELCOME10 taking 5.00 off, paid at noon."""
    default: dict[str, object] = {
        "currency": "USD",
        "placed_at": NOON,
        "updated_at": NOON,
        "confirmed_at": NOON,
        "gross_minor": 5000,
        "discount_minor": 500,
        "tax_minor": 360,
        "total_minor": 4860,
        "lines": (Line(line_id="mug", quantity=Decimal(2), gross_minor=5000),),
        "discounts": (code("WELCOME10", 500, shares=(("mug", 500),)),),
    }
    return OrderSaid(**(default | said))  # type: ignore[arg-type]


def code(raw: str | None, amount: int, **said: object) -> Discount:
    """A discount of kind code."""
    default: dict[str, object] = {
        "discount_id": f"code:{raw}",
        "kind": "code",
        "amount_minor": amount,
        "where": "discounts[0]",
        "code_raw": raw,
    }
    return Discount(**(default | said))  # type: ignore[arg-type]


def refund(
    amount: int, *lines: ReturnedLine, minutes: int = 60, state: str = "completed"
) -> RefundSaid:
    """Money back, for the lines named or for none."""
    return RefundSaid(
        currency="USD",
        state=state,  # type: ignore[arg-type]
        refunded_at=at(minutes),
        amount_minor=amount,
        lines=lines,
    )


def back(line_id: str, quantity: int) -> ReturnedLine:
    """Units of a line that came back."""
    return ReturnedLine(line_id=line_id, quantity=Decimal(quantity))


MINOR = st.integers(0, 10**7)
LINES = st.lists(st.tuples(MINOR, st.integers(0, 13_494)), min_size=0, max_size=5).map(
    lambda rows: tuple(
        Line(line_id=f"line-{at}", quantity=Decimal(quantity), gross_minor=gross)
        for at, (gross, quantity) in enumerate(rows)
    )
)
DISCOUNTS = st.lists(
    st.tuples(
        st.sampled_from(["code", "till", "automatic", "manual"]),
        MINOR,
        st.sampled_from(["SAVE5", "save-5", "TEN", "ÜBER20", "🎉", ""]),
    ),
    max_size=4,
).map(
    lambda rows: tuple(
        Discount(
            discount_id=f"discount-{at}",
            kind=kind,  # type: ignore[arg-type]
            amount_minor=amount,
            where=f"discounts[{at}]",
            code_raw=raw if kind == "code" else None,
            aliases=(f"name:{raw}",) if kind == "till" else (),
            name=raw,
        )
        for at, (kind, amount, raw) in enumerate(rows)
    )
)


@st.composite
def documents(draw: st.DrawFn) -> OrderSaid:
    """An order document in any stage."""
    lines, discounts = draw(LINES), draw(DISCOUNTS)
    gross = sum(line.gross_minor for line in lines)
    off = sum(each.amount_minor for each in discounts)
    minutes = draw(st.integers(0, 300))
    return OrderSaid(
        currency="USD",
        placed_at=NOON,
        updated_at=at(minutes),
        confirmed_at=draw(st.sampled_from([None, at(minutes)])),
        reversed_at=draw(st.sampled_from([None, None, at(minutes)])),
        gross_minor=gross,
        discount_minor=off,
        total_minor=max(gross - off, 0),
        lines=lines,
        discounts=discounts,
        test=draw(st.sampled_from([False, False, False, True])),
    )


@st.composite
def histories(draw: st.DrawFn) -> list[Fact]:
    """Everything ever said about one order: versions, refunds, payments, mended readings."""
    facts = [
        fact(
            draw(documents()),
            version=version,
            reader=draw(st.integers(1, 2)),
            source_digest=draw(st.sampled_from(["a", "b", f"order-{version}"])),
            received_at=at(draw(st.integers(0, 3))),
            customer=draw(st.sampled_from([(), ("email:1",), ("phone:2",)])),
        )
        for version in draw(st.lists(st.integers(1, 4), max_size=4))
    ]
    for number in range(draw(st.integers(0, 3))):
        lines = draw(st.lists(st.tuples(st.integers(0, 5), st.integers(0, 20)), max_size=2))
        facts.append(
            fact(
                refund(
                    draw(st.integers(0, 10**6)),
                    *(back(f"line-{line}", quantity) for line, quantity in lines),
                    minutes=draw(st.integers(0, 600)),
                    state=draw(st.sampled_from(["completed", "completed", "pending", "failed"])),
                ),
                object_id=f"refund-{number}",
                version=draw(st.integers(1, 2)),
            )
        )
    for number in range(draw(st.integers(0, 2))):
        facts.append(
            fact(
                PaymentSaid(
                    currency="USD",
                    state=draw(st.sampled_from(["completed", "pending", "failed"])),
                    paid_at=at(draw(st.integers(0, 60))),
                    amount_minor=draw(MINOR),
                ),
                object_id=f"payment-{number}",
            )
        )
    return facts
