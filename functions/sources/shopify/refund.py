"""Shopify's refund document, alone or within its order, and what it says in our words."""

from datetime import datetime
from decimal import Decimal

from pydantic import AliasChoices, AliasPath, Field

from vouchsafe.pure import instant
from vouchsafe.pure.facts import RefundSaid, ReturnedLine, Settled
from vouchsafe.pure.parsing import Instant, Narrow

from .words import Amount, Number, Word, minor, number, shop_money

_UNDER_WAY = frozenset({"pending", "awaiting_response", "unknown"})


class RefundLine(Narrow):
    line_item_id: Number = Field(
        validation_alias=AliasChoices("line_item_id", AliasPath("line_item", "id"))
    )
    quantity: int = Field(ge=0, le=10**9)
    subtotal: Amount | None = shop_money("subtotal", default=None)
    total_tax: Amount | None = shop_money("total_tax", default=None)


class ShippedBack(Narrow):
    """Shipping money given back: `subtotal` of what the line cost after discounts."""

    line: Number | None = Field(None, validation_alias=AliasPath("shipping_line", "id"))
    cost: Amount | None = Field(
        None,
        validation_alias=AliasPath("shipping_line", "discounted_price_set", "shop_money", "amount"),
    )
    subtotal: Amount | None = shop_money("subtotal_amount", default=None)
    tax: Amount | None = shop_money("tax_amount", default=None)

    def is_whole(self) -> bool:
        """Whether all that the line cost came back; false where it cost nothing or is not told."""
        return Decimal(self.subtotal or 0) >= Decimal(self.cost or 0) > 0


class Adjustment(Narrow):
    """The difference between worked-out and paid-out; negative where more was paid out."""

    amount: Amount | None = shop_money("amount", default=None)
    tax_amount: Amount | None = shop_money("tax_amount", default=None)


class Transaction(Narrow):
    """Money on its way; in the currency of the buyer, unlike all else."""

    kind: Word
    status: Word
    amount: Amount = Field(
        validation_alias=AliasChoices(
            AliasPath("amount_set", "presentment_money", "amount"), "amount"
        )
    )
    currency: str | None = Field(
        None,
        validation_alias=AliasChoices(
            AliasPath("amount_set", "presentment_money", "currency_code"), "currency"
        ),
    )


class Refund(Narrow):
    id: Number
    processed_at: Instant
    refund_line_items: tuple[RefundLine, ...] = ()
    refund_shipping_lines: tuple[ShippedBack, ...] = ()
    order_adjustments: tuple[Adjustment, ...] = ()
    transactions: tuple[Transaction, ...] = ()


class LoneRefund(Refund):
    """A refund that came by itself: it names its order, and tells the shop's currency in places."""

    order_id: Number
    currency: str = Field(
        validation_alias=AliasChoices(
            AliasPath("total_duties_set", "shop_money", "currency_code"),
            AliasPath("refund_line_items", 0, "subtotal_set", "shop_money", "currency_code"),
            AliasPath("order_adjustments", 0, "amount_set", "shop_money", "currency_code"),
            AliasPath("transactions", 0, "currency"),
        )
    )


def refund_said(refund: Refund, currency: str) -> RefundSaid:
    """The refund in our words, in the shop's currency. Raises Unreadable.

    Goods that came back are back, whatever becomes of the money; money alone counts once it moved.
    """
    lines = tuple(_returned(refund))
    return RefundSaid(
        currency=currency,
        state="completed" if lines else _settled(refund),
        refunded_at=refund.processed_at,
        amount_minor=_paid_out(refund, currency),
        lines=lines,
    )


def refund_version(refund: Refund) -> str:
    """When it was made, and whether its money has come to rest: a refund has no update time."""
    resting = 0 if _settled(refund) == "pending" else 1
    return f"{instant.text(refund.processed_at)}+{resting}"


def last_refunded_at(refunds: tuple[Refund, ...]) -> datetime | None:
    """When the last of them was made."""
    return max((each.processed_at for each in refunds), default=None)


def _returned(refund: Refund) -> list[ReturnedLine]:
    goods = [
        ReturnedLine(line_id=number(each.line_item_id), quantity=Decimal(each.quantity))
        for each in refund.refund_line_items
        if each.quantity
    ]
    shipping = [
        ReturnedLine(line_id=f"shipping:{number(each.line)}", quantity=Decimal(1))
        for each in refund.refund_shipping_lines
        if each.line and each.is_whole()
    ]
    return goods + shipping


def _settled(refund: Refund) -> Settled:
    states = [each.status for each in _outgoing(refund)]
    if any(state in _UNDER_WAY for state in states):
        return "pending"
    return "completed" if not states or "success" in states else "failed"


def _outgoing(refund: Refund) -> list[Transaction]:
    return [each for each in refund.transactions if each.kind == "refund"]


def _paid_out(refund: Refund, currency: str) -> int:
    """The money that reached the buyer; where it went in another currency, what it was worked out
    to be in the shop's."""
    done = [each for each in _outgoing(refund) if each.status == "success"]
    if any(each.currency != currency for each in done):
        return max(_worked_out(refund, currency), 0)
    return sum(
        minor(each.amount, currency, "transactions", at, "amount") for at, each in enumerate(done)
    )


def _worked_out(refund: Refund, currency: str) -> int:
    parts = [each.subtotal for each in refund.refund_line_items]
    parts += [each.total_tax for each in refund.refund_line_items]
    parts += [each.subtotal for each in refund.refund_shipping_lines]
    parts += [each.tax for each in refund.refund_shipping_lines]
    adjusted = [each.amount for each in refund.order_adjustments]
    adjusted += [each.tax_amount for each in refund.order_adjustments]
    return minor(_sum(parts) - _sum(adjusted), currency, "subtotal")


def _sum(amounts: list[str | None]) -> Decimal:
    return sum((Decimal(each or 0) for each in amounts), Decimal(0))
