"""A body as a cart: people become identity keys here, and nothing else of them goes further."""

from datetime import datetime

from vouchsafe.pure.asking import Call
from vouchsafe.pure.cart import Cart
from vouchsafe.pure.facts import Line
from vouchsafe.pure.identity import Identify, ranked

from .models import CustomerAsked, OrderAsked


def cart_of(call: Call, order: OrderAsked, identify: Identify) -> Cart:
    """The cart of the shop that calls. Raises Invalid."""
    caller = call.caller
    customer = customer_of(order.customer, identify, f"{caller.platform}/{caller.account}")
    card = identify("card", order.customer.card_fingerprint)
    return Cart(
        platform=caller.platform,
        account=caller.account,
        location_id=order.location_id,
        order_id=order.order_id,
        currency=order.currency,
        placed_at=placed_at(order, call.now),
        lines=tuple(
            Line(
                line_id=line.line_id,
                quantity=line.quantity,
                gross_minor=line.gross_minor,
                sku=line.sku,
                category=line.category,
            )
            for line in order.lines
        ),
        shipping_minor=order.shipping_minor,
        customer=customer,
        device=order.device,
        card=card,
        stock=tuple(sorted(order.stock.items())),
    )


def placed_at(order: OrderAsked, now: datetime) -> datetime:
    """The shop's word for when it is bought, but never later than now: an offer that begins
    tomorrow is not had by a clock that runs ahead."""
    return min(order.placed_at, now) if order.placed_at else now


def customer_of(customer: CustomerAsked, identify: Identify, account: str) -> tuple[str, ...]:
    """Identity keys, strongest first. A shop's own customer number means nothing elsewhere."""
    own = f"{account}/{customer.customer_id}" if customer.customer_id else None
    return ranked(
        (
            identify("email", customer.email),
            identify("phone", customer.phone),
            identify("loyalty", customer.loyalty_id),
            identify("customer", own),
            identify("card", customer.card_fingerprint),
        )
    )
