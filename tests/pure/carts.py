"""Carts, promotions and customers for judgements: a tea room in Madrid whose day begins at five."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time
from decimal import Decimal
from typing import Any

from tests.pure.registers import Shelf
from vouchsafe.pure.business_day import DayRule
from vouchsafe.pure.cart import Bought, Cart
from vouchsafe.pure.codes import canonical
from vouchsafe.pure.facts import Line
from vouchsafe.pure.register import Account, Benefit, Code, Location, Promotion, Segment

MADRID = DayRule("Europe/Madrid", time(5))
PLACE = "direct/tea/MADRID"
NOON = datetime(2026, 11, 20, 11, tzinfo=UTC)  # a Friday, 12:00 in Madrid


@dataclass
class Customer:
    """What is known of whoever is asked about."""

    orders: int = 0
    last: datetime | None = None
    held: frozenset[str] = frozenset()
    listed: dict[str, date] = field(default_factory=dict)
    paid: tuple[Bought, ...] = ()
    sold: frozenset[str] = frozenset()
    asked: list[tuple[str, ...]] = field(default_factory=list)

    def orders_before(self, keys: tuple[str, ...]) -> int:
        self.asked.append(keys)
        return self.orders

    def last_order_at(self, keys: tuple[str, ...]) -> datetime | None:
        self.asked.append(keys)
        return self.last

    def holds(self, keys: tuple[str, ...], code: Code, promotion: Promotion) -> bool:
        self.asked.append(keys)
        return code.canonical in self.held

    def is_listed(self, keys: tuple[str, ...], segment_id: str, day: date) -> bool:
        self.asked.append(keys)
        return day <= self.listed.get(segment_id, date.min)

    def has_value(self, code: str) -> bool:
        return code in self.sold

    def bought(self, keys: tuple[str, ...]) -> tuple[Bought, ...]:
        self.asked.append(keys)
        return self.paid


NOBODY = Customer()


def line(line_id: str, gross_minor: int, quantity: str = "1", **said: str) -> Line:
    return Line(line_id=line_id, quantity=Decimal(quantity), gross_minor=gross_minor, **said)


TEA = line("1", 1000, "4", sku="TEA", category="Hot drinks")
CAKE = line("2", 900, "2", sku="CAKE", category="Cakes")
MUG = line("3", 2100, sku="MUG", category="Ware")


def cart(*lines: Line, **said: Any) -> Cart:
    """An order of 40.00 euros at noon, if nothing else is said."""
    default: dict[str, Any] = {
        "platform": "direct",
        "account": "tea",
        "location_id": "MADRID",
        "order_id": "1",
        "currency": "EUR",
        "placed_at": NOON,
        "lines": lines or (TEA, CAKE, MUG),
        "customer": ("email:1",),
    }
    return Cart(**(default | said))


def percent(value: str | int | Decimal) -> Benefit:
    return Benefit(kind="percent", percent=Decimal(value))


def amount(minor: int) -> Benefit:
    return Benefit(kind="amount", amount_minor=minor)


def free(sku: str) -> Benefit:
    return Benefit(kind="free_item", sku=sku)


FREE_SHIPPING = Benefit(kind="free_shipping")


def promotion(promotion_id: str = "P", **said: Any) -> Promotion:
    """Ten percent in November."""
    default: dict[str, Any] = {
        "promotion_id": promotion_id,
        "campaign_id": "C",
        "starts_on": date(2026, 11, 1),
        "ends_on": date(2026, 11, 30),
        "voucher_class": "discount",
        "owner": "ana",
        "purpose": "win back",
        "currency": "EUR",
        "benefit": percent(10),
    }
    return Promotion(**(default | said))


def code_of(raw: str, *promotions: str) -> Code:
    return Code(canonical=canonical(raw), raw=raw, promotions=promotions)


def shelf(promotions: Iterable[Promotion], codes: Iterable[Code]) -> Shelf:
    """A register of the tea room with those promotions and codes."""
    return Shelf(
        accounts={
            ("direct", "tea"): Account(
                platform="direct", account="tea", currency="EUR", days=DayRule()
            )
        },
        locations={
            ("direct", "tea", "MADRID"): Location(
                platform="direct", account="tea", location_id="MADRID", name="Tea", days=MADRID
            )
        },
        promotions={each.promotion_id: each for each in promotions},
        codes={each.canonical: each for each in codes},
        segments={"VIP": Segment(segment_id="VIP", name="Regulars", owner="ana")},
        at_revision=7,
    )
