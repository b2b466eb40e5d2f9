"""What the ledger knows of a customer, asked only where a term wants to know."""

from collections.abc import Iterator, Sequence
from datetime import date, datetime, timedelta

from vouchsafe.edge import orders_table, segments_table, touchpoints_table
from vouchsafe.pure.cart import Bought, Cart
from vouchsafe.pure.facts import OrderKey
from vouchsafe.pure.order import Order
from vouchsafe.pure.register import Code, Promotion

# One more than the cart's own, which may be in the ledger already.
_ORDERS_ASKED = 2
# The newest orders that segments look at, of each identity: one query and one call for what they
# say, however long somebody has been a customer.
_ORDERS_READ = 100
_GIVEN_WITHIN = timedelta(days=800)


class Ledger:
    """`cart.Known` by the tables. The cart's own order is left out: it is no order before."""

    def __init__(self, cart: Cart) -> None:
        key = OrderKey(platform=cart.platform, account=cart.account, order_id=cart.order_id)
        self._own = key.text()
        self._now = cart.placed_at
        self._bought: dict[tuple[str, ...], tuple[Bought, ...]] = {}

    def orders_before(self, keys: tuple[str, ...]) -> int:
        """How many of the last orders by any of the keys; never more than it takes to tell none
        from some."""
        return len({order for order, _ in self._orders(keys)})

    def last_order_at(self, keys: tuple[str, ...]) -> datetime | None:
        return max((at for _, at in self._orders(keys)), default=None)

    def holds(self, keys: tuple[str, ...], code: Code, promotion: Promotion) -> bool:
        """Whether a publication gave this customer the code, or, without a code, its campaign."""
        return any(
            touch.code == code.canonical
            or (touch.code is None and touch.campaign_id == promotion.campaign_id)
            for key in keys
            for touch in touchpoints_table.of_person(key, self._now - _GIVEN_WITHIN, self._now)
            if touch.kind == "publication"
        )

    def is_listed(self, keys: tuple[str, ...], segment_id: str, day: date) -> bool:
        return segments_table.is_listed(segment_id, keys, day)

    def has_value(self, code: str) -> bool:
        from vouchsafe.edge import values_table  # only a code that is sold asks for it

        return values_table.get(code) is not None

    def bought(self, keys: tuple[str, ...]) -> Sequence[Bought]:
        """The newest confirmed orders by any of the keys; read once for all promotions."""
        if keys not in self._bought:
            found = {
                order.key.text(): _bought(order, day)
                for key in keys
                for order, day in orders_table.newest_of_customer(key, _ORDERS_READ)
                if order.stage == "confirmed"
            }
            found.pop(self._own, None)
            self._bought[keys] = tuple(found.values())
        return self._bought[keys]

    def given(self, keys: tuple[str, ...]) -> set[str]:
        """The canonical codes that were given to the customer."""
        return {
            touch.code
            for key in keys
            for touch in touchpoints_table.of_person(key, self._now - _GIVEN_WITHIN, self._now)
            if touch.kind == "publication" and touch.code
        }

    def _orders(self, keys: tuple[str, ...]) -> Iterator[tuple[str, datetime]]:
        for key in keys:
            for order, at in orders_table.latest_of_customer(key, _ORDERS_ASKED):
                if order != self._own:
                    yield order, at


def _bought(order: Order, day: date) -> Bought:
    key = order.key
    return Bought(
        on=day,
        place=f"{key.platform}/{key.account}/{order.location_id or ''}",
        currency=order.currency,
        net_minor=order.net_minor - order.returned_net_minor,
        skus=frozenset(line.sku for line in order.lines if line.sku),
        categories=frozenset(line.category for line in order.lines if line.category),
    )
