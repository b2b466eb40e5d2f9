"""What a notification says of an account that is being rung: applied, and nothing more."""

from collections.abc import Iterator

from vouchsafe.pure.facts import Discount, Line, OrderSaid
from vouchsafe.pure.money import currency_at, rounded_at

from .documents import Told, ToldDiscount


def order_said(told: Told, *, off: bool) -> OrderSaid:
    """Never confirmed: nothing binds the body to its sender."""
    account = told.account
    currency = currency_at(account.currency_code, "account.currencyCode")
    lines = tuple(_lines(told, currency))
    taken = sum(
        rounded_at(each.discounted_amount, currency, f"{_path(at)}.discountedAmount")
        for at, each in enumerate(account.transaction_lines)
    )
    total = rounded_at(account.total_amount, currency, "account.totalAmount")
    discounts = tuple(_discounts(told, max(taken, 0)))
    return OrderSaid(
        currency=currency,
        placed_at=account.open_date,
        updated_at=account.update_date,
        reversed_at=account.update_date if off else None,
        reversed_because="cancelled" if off else None,
        location_id=told.business_location_id,
        staff=account.staff_id,
        gross_minor=sum(line.gross_minor for line in lines),
        # The lines say what came off in all, also where nobody knows which code took what of it.
        discount_minor=max(taken, 0),
        total_minor=total,
        lines=lines,
        discounts=discounts,
    )


def _lines(told: Told, currency: str) -> Iterator[Line]:
    for at, each in enumerate(told.account.transaction_lines):
        path = _path(at)
        net = rounded_at(each.amount, currency, f"{path}.amount")
        taken = rounded_at(each.discounted_amount, currency, f"{path}.discountedAmount")
        yield Line(
            line_id=each.id, quantity=each.quantity, gross_minor=net + taken, sku=each.item_sku
        )


def _discounts(told: Told, taken: int) -> Iterator[Discount]:
    """Every code that stands on it. What they took is told for the lines, not for the codes: the
    only one has it all, and of several nobody knows until the sale is asked for."""
    found: dict[str, tuple[str, ToldDiscount]] = {}
    for where, each in _places(told):
        name = (each.code or each.description or "").strip()
        if name:
            found.setdefault(name, (where, each))
    for name, (where, each) in found.items():
        yield Discount(
            discount_id=name,
            kind="code" if each.code else "till",
            amount_minor=taken if len(found) == 1 else 0,
            where=where,
            code_raw=(each.code or "").strip() or None,
            aliases=(f"name:{each.description.strip().casefold()}",) if each.description else (),
            name=each.description,
        )


def _places(told: Told) -> Iterator[tuple[str, ToldDiscount]]:
    for at, each in enumerate(told.account.discounts):
        yield f"account.discounts[{at}]", each
    for at, line in enumerate(told.account.transaction_lines):
        for nth, each in enumerate(line.discounts):
            yield f"{_path(at)}.discounts[{nth}]", each


def _path(at: int) -> str:
    return f"account.transactionLines[{at}]"
