"""A cart: what somebody wants to buy, where and when, and what is known of who it is."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Protocol

from vouchsafe.pure.errors import Invalid
from vouchsafe.pure.facts import Line
from vouchsafe.pure.money import exponent
from vouchsafe.pure.register import Code, Promotion


@dataclass(frozen=True, slots=True, kw_only=True)
class Cart:
    """An order before it is one. Money is in minor units of `currency`.

    `customer` holds identity keys, strongest first; nobody is known where it is empty. `stock`
    says how many units of a sku are left, for those that somebody counted.
    """

    platform: str
    account: str
    location_id: str | None
    order_id: str
    currency: str
    placed_at: datetime
    lines: tuple[Line, ...]
    shipping_minor: int = 0
    customer: tuple[str, ...] = ()
    device: str | None = None
    card: str | None = None
    stock: tuple[tuple[str, int], ...] = ()

    def __post_init__(self) -> None:
        """Raises Invalid where the cart cannot be reckoned with."""
        exponent(self.currency)
        if len({line.line_id for line in self.lines}) != len(self.lines):
            raise Invalid("lines", "must have ids of their own")
        if self.placed_at.tzinfo is None:
            raise Invalid("placed_at", f"has no offset: {self.placed_at}")
        if self.shipping_minor < 0:
            raise Invalid("shipping_minor", f"must not be below 0: {self.shipping_minor}")

    def gross_minor(self) -> int:
        """The order before discounts, without shipping; lines that come back count against it."""
        return max(sum(line.gross_minor for line in self.lines), 0)

    def place(self) -> str:
        """Where it is bought, as terms name it: `platform/account/location_id`."""
        return f"{self.platform}/{self.account}/{self.location_id or ''}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Bought:
    """A confirmed order of before: what was paid and not given back, on a business day."""

    on: date
    place: str
    currency: str
    net_minor: int
    skus: frozenset[str] = frozenset()
    categories: frozenset[str] = frozenset()


class Known(Protocol):
    """What is known of a customer by any of the identity keys; the cart's own order left out."""

    def orders_before(self, keys: tuple[str, ...]) -> int:
        """How many, or just as many as it takes to tell none from some."""
        ...

    def last_order_at(self, keys: tuple[str, ...]) -> datetime | None: ...

    def holds(self, keys: tuple[str, ...], code: Code, promotion: Promotion) -> bool:
        """Whether the code was given to this customer."""
        ...

    def is_listed(self, keys: tuple[str, ...], segment_id: str, day: date) -> bool:
        """Whether the segment's list has the customer on that business day."""
        ...

    def has_value(self, code: str) -> bool:
        """Whether the canonical code was sold with a value of its own."""
        ...

    def bought(self, keys: tuple[str, ...]) -> Sequence[Bought]:
        """The newest confirmed orders, as many as one look gives."""
        ...
