"""What became of an order of a shop without a till, on its way into the ledger."""

from collections.abc import Iterable
from datetime import datetime
from decimal import Decimal

from vouchsafe.edge import queue, told_orders_table
from vouchsafe.edge.settings import setting
from vouchsafe.pure.allocation import taken_back
from vouchsafe.pure.cart import Cart
from vouchsafe.pure.claim import Claim
from vouchsafe.pure.errors import Absent, Conflict, Invalid
from vouchsafe.pure.facts import OrderKey
from vouchsafe.pure.told_order import KIND, ToldDiscount, ToldLine, ToldOrder, ToldReturn

from .models import ReturnAsked

PLATFORM = "direct"


def redeemed(key: OrderKey, cart: Cart, claims: Iterable[Claim], now: datetime) -> ToldOrder:
    """The order with all codes that stand on it, told to the ledger; told again it is the same."""
    before = told_orders_table.get(key.text())
    after = ToldOrder(
        order_id=cart.order_id,
        version=before.version if before else 1,
        currency=cart.currency,
        placed_at=before.placed_at if before else cart.placed_at,
        updated_at=before.updated_at if before else now,
        confirmed_at=before.confirmed_at if before and not before.reversed_at else None,
        location_id=cart.location_id,
        customer=cart.customer,
        shipping_minor=_shipping(cart, claims),
        lines=tuple(
            ToldLine(
                line_id=line.line_id,
                quantity=line.quantity,
                gross_minor=line.gross_minor,
                sku=line.sku,
                category=line.category,
            )
            for line in cart.lines
        ),
        discounts=tuple(_discount(claim) for claim in claims),
        returns=before.returns if before else (),
    )
    return told(key, before, after, now)


def standing(key: OrderKey) -> ToldOrder:
    """The order as it was told last. Raises Absent; Conflict for shops whose till tells us."""
    if key.platform != PLATFORM:
        raise Conflict(f"what becomes of an order of {key.platform} is told by its till")
    found = told_orders_table.get(key.text())
    if found is None:
        raise Absent(f"order {key.order_id} with a redeemed code")
    return found


def told(key: OrderKey, before: ToldOrder | None, after: ToldOrder, now: datetime) -> ToldOrder:
    """Keeps what changed under the next version, and tells the ledger what stands, changed or not:
    a call that was cut short between the two is made whole by the next one."""
    if before is not None and after != before:
        after = after.model_copy(update={"version": before.version + 1, "updated_at": now})
    if after != before:
        told_orders_table.put(key.text(), after, now)
    body = {"account": key.account, "kind": KIND, "body": after.model_dump_json(exclude_none=True)}
    queue.send(setting("DIRECT_HEAR_QUEUE_URL"), [body])
    return after


def with_return(order: ToldOrder, asked: ReturnAsked, now: datetime) -> ToldOrder:
    """The order with that return; the same one again changes nothing. Raises Invalid, Conflict."""
    lines = tuple((each.line_id, each.quantity) for each in asked.lines)
    for each in order.returns:
        if each.return_id == asked.return_id:
            if each.lines != lines:
                raise Conflict(f"return {asked.return_id} was told with other lines")
            return order
    back = units_back(order)
    sold = {line.line_id: line.quantity for line in order.lines}
    for at, (line_id, units) in enumerate(lines):
        if line_id not in sold:
            raise Invalid(f"lines[{at}].line_id", "is no line of the order")
        back[line_id] = back.get(line_id, Decimal(0)) + units
        if back[line_id] > sold[line_id]:
            rule = f"is more than what is left of {sold[line_id]}"
            raise Invalid(f"lines[{at}].quantity", rule)
    money = asked.amount_minor
    if money is None:
        money = _paid_for(order, back) - _paid_for(order, units_back(order))
    new = ToldReturn(return_id=asked.return_id, at=now, amount_minor=money, lines=lines)
    return order.model_copy(update={"returns": (*order.returns, new)})


def units_back(order: ToldOrder) -> dict[str, Decimal]:
    """How many units of each line came back so far."""
    found: dict[str, Decimal] = {}
    for each in order.returns:
        for line_id, units in each.lines:
            found[line_id] = found.get(line_id, Decimal(0)) + units
    return found


def shares_back(order: ToldOrder, claim: Claim) -> tuple[tuple[str, int], ...]:
    """What all returns took back of a code's shares, line by line: as the ledger reckons it."""
    sold = {line.line_id: line.quantity for line in order.lines}
    back = units_back(order)
    allocation = claim.offer.allocation if claim.offer else ()
    return tuple(
        (line_id, taken_back(share, back[line_id], sold[line_id]))
        for line_id, share in allocation
        if line_id in back
    )


def _paid_for(order: ToldOrder, back: dict[str, Decimal]) -> int:
    """What was paid for those units: their part of the line, less their part of its discounts."""
    total = 0
    for line in order.lines:
        units = back.get(line.line_id, Decimal(0))
        total += taken_back(line.gross_minor, units, line.quantity)
        for discount in order.discounts:
            share = dict(discount.shares).get(line.line_id, 0)
            total -= taken_back(share, units, line.quantity)
    return total


def _discount(claim: Claim) -> ToldDiscount:
    offer = claim.offer
    return ToldDiscount(
        code=claim.code,
        amount_minor=claim.discount_minor,
        shares=offer.allocation if offer else (),
        in_kind=bool(offer and offer.in_kind),
    )


def _shipping(cart: Cart, claims: Iterable[Claim]) -> int:
    waived = sum(claim.offer.waived_minor for claim in claims if claim.offer)
    return max(cart.shipping_minor - waived, 0)
