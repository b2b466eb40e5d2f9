"""What a check of Toast says, in our words: each is an order of its own, with its own bill."""

from collections.abc import Iterator
from datetime import datetime
from decimal import Decimal

from vouchsafe.pure.facts import Discount, DiscountKind, Line, OrderSaid
from vouchsafe.pure.money import minor_at, rounded_at

from .documents import AppliedDiscount, Check, Modifier, Order, Selection

# Not yet a sale: a restaurant still has to say yes.
_NOT_A_SALE = frozenset({"NEEDS_APPROVAL", "NOT_APPROVED", "FUTURE"})
_PAID = frozenset({"PAID", "CLOSED"})


def order_said(order: Order, check: Check, restaurant: str, currency: str, path: str) -> OrderSaid:
    """`path` leads to the check."""
    lines = tuple(_lines(check, currency, path))
    discounts = tuple(_discounts(check, currency, path))
    gross = sum(line.gross_minor for line in lines)
    taken = sum(each.amount_minor for each in discounts)
    amount = minor_at(check.amount, currency, f"{path}.amount")
    tax = minor_at(check.tax_amount, currency, f"{path}.taxAmount")
    total = minor_at(check.total_amount, currency, f"{path}.totalAmount")
    tip = _tip(check, currency, path)
    confirmed_at = _confirmed_at(order, check)
    off_at, because = _off(order, check)
    return OrderSaid(
        currency=currency,
        placed_at=order.opened_date,
        updated_at=order.modified_date,
        confirmed_at=confirmed_at,
        reversed_at=off_at,
        reversed_because=because,
        signals=tuple(_signals(check, confirmed_at)),
        location_id=restaurant,
        staff=order.server.guid if order.server else None,
        channel=order.source,
        test=bool(order.created_in_test_mode),
        gross_minor=gross,
        discount_minor=taken,
        tax_minor=tax,
        tip_minor=tip,
        total_minor=total + tip,
        sums_foot=gross - taken == amount and amount + tax == total,
        lines=lines,
        discounts=discounts,
    )


def sold(check: Check) -> Iterator[tuple[int, Selection]]:
    """The lines that stand; what was voided is on the bill no more."""
    return ((at, each) for at, each in enumerate(check.selections) if not each.voided)


def _lines(check: Check, currency: str, path: str) -> Iterator[Line]:
    for at, each in sold(check):
        price = f"{path}.selections[{at}].preDiscountPrice"
        yield Line(
            line_id=each.guid,
            quantity=each.quantity,
            gross_minor=rounded_at(each.pre_discount_price, currency, price),
            sku=each.item.guid if each.item else None,
            category="gift_card" if each.deferred else None,
        )
    for at, charge in enumerate(check.applied_service_charges):
        amount = minor_at(
            charge.charge_amount, currency, f"{path}.appliedServiceCharges[{at}].chargeAmount"
        )
        if amount:
            yield Line(
                line_id=f"service:{charge.guid}",
                quantity=Decimal(1),
                gross_minor=amount,
                category="service_charge",
            )


def _discounts(check: Check, currency: str, path: str) -> Iterator[Discount]:
    """Those of the items, each on its own line, then those of the check."""
    own: dict[str, int] = {}
    for at, line in sold(check):
        for where, each in _on_item(line, f"selections[{at}]"):
            amount = minor_at(each.discount_amount, currency, f"{path}.{where}.discountAmount")
            own[line.guid] = own.get(line.guid, 0) + amount
            yield _discount(each, amount, where, ((line.guid, amount),))
    shares = _shares_of_check(check, own, currency, path)
    for at, each in enumerate(check.applied_discounts):
        if not each.is_off():
            where = f"appliedDiscounts[{at}]"
            amount = minor_at(each.discount_amount, currency, f"{path}.{where}.discountAmount")
            whole = sum(share for _, share in shares or ()) == amount
            yield _discount(each, amount, where, shares if whole else None)


def _shares_of_check(
    check: Check, own: dict[str, int], currency: str, path: str
) -> tuple[tuple[str, int], ...] | None:
    """What the one discount of the check took off each line, by the lines' own prices; None where
    there are several, which share each line in a way that is not told."""
    if sum(not each.is_off() for each in check.applied_discounts) != 1:
        return None
    found = []
    for at, line in sold(check):
        before = rounded_at(
            line.pre_discount_price, currency, f"{path}.selections[{at}].preDiscountPrice"
        )
        after = rounded_at(line.price, currency, f"{path}.selections[{at}].price")
        share = before - own.get(line.guid, 0) - after
        if share < 0:
            return None
        found.append((line.guid, share))
    return tuple((line, share) for line, share in found if share)


def _on_item(held: Selection | Modifier, where: str) -> Iterator[tuple[str, AppliedDiscount]]:
    for at, each in enumerate(held.applied_discounts):
        if not each.is_off():
            yield f"{where}.appliedDiscounts[{at}]", each
    for at, modifier in enumerate(held.modifiers):
        yield from _on_item(modifier, f"{where}.modifiers[{at}]")


def _discount(
    each: AppliedDiscount, amount: int, where: str, shares: tuple[tuple[str, int], ...] | None
) -> Discount:
    by_name = (f"name:{each.name.strip().casefold()}",) if each.name and each.name.strip() else ()
    by_list = (f"catalog:{each.discount.guid}",) if each.discount else ()
    code = (each.applied_promo_code or "").strip()
    return Discount(
        discount_id=each.guid,
        kind=_kind(each, code),
        amount_minor=amount,
        where=where,
        code_raw=code or None,
        aliases=(*by_list, *by_name),
        name=each.name,
        shares=shares,
    )


def _kind(each: AppliedDiscount, code: str) -> DiscountKind:
    if code:
        return "code"
    if each.loyalty_details:
        return "reward"
    return "manual" if (each.discount_type or "").startswith("OPEN") else "till"


def _tip(check: Check, currency: str, path: str) -> int:
    return sum(
        minor_at(each.tip_amount, currency, f"{path}.payments[{at}].tipAmount")
        for at, each in enumerate(check.payments)
        if each.stands()
    )


def _confirmed_at(order: Order, check: Check) -> datetime | None:
    """Paid or closed, until the till opens it again; when, by the last payment of the check."""
    if check.payment_status not in _PAID or order.approval_status in _NOT_A_SALE:
        return None
    paid = [each.paid_date for each in check.payments if each.paid_date and each.stands()]
    return max(paid, default=None) or order.closed_date or order.paid_date or order.modified_date


def _signals(check: Check, confirmed_at: datetime | None) -> Iterator[tuple[str, datetime]]:
    if confirmed_at:
        yield "payment", confirmed_at
        if check.payment_status == "CLOSED":
            yield "final_bill", confirmed_at


def _off(order: Order, check: Check) -> tuple[datetime | None, str | None]:
    for held in (order, check):
        if held.voided:
            return held.void_date or order.modified_date, "voided"
        if held.deleted:
            return held.deleted_date or order.modified_date, "deleted"
    return None, None
