"""What the replay adds to the data set, so that its figures stay apart: returns, a leak, losses.

The data set has no returns, no unpaid orders and no leak. A handful of sales that carried a code
with effect get a fate, the same at each run: some items back, everything back, called off, never
paid. One shared code is redeemed by people who were never targeted, in sales that the data set does
not have. Every choice is taken by a hash of the basket's id, and kept as a plan that the recount
reads: what was injected is told apart from what was counted.
"""

import hashlib
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Literal

from local.dealing import PLATFORMS, place
from local.journey import shop_day
from local.till import Discount, GivenBack, Item, Sale

FateKind = Literal["partial", "full", "cancelled", "unpaid"]
# How many sales of each platform meet which fate.
FATES: dict[FateKind, int] = {"partial": 2, "full": 1, "cancelled": 1, "unpaid": 1}
RETURN_AFTER = timedelta(minutes=90)
CANCEL_AFTER = timedelta(minutes=20)

LEAK_USES = 48
LEAK_EVERY = timedelta(seconds=200)
# The hours of a shop day after which a leak's first use comes.
LEAK_HOUR = 14
LEAK_PRICE = 399
LEAK_DISCOUNT = 100
# No basket of the data set has an id this high.
FIRST_INJECTED = 99_000_000_001
# Households end at 2,500.
FIRST_STRANGER = 8_001

# One order in so many is never sent by its platform's webhooks, and one delivery is sent again.
LOSE_ONE_IN = 64
REPEAT_ONE_IN = 20


@dataclass(frozen=True, slots=True)
class Fate:
    """What became of a sale. `items` came back, in the order of the bill."""

    number: int
    kind: FateKind
    at: datetime | None
    items: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Leak:
    """A shared code on the loose: the code, and the sales that nobody of the data set made."""

    code: str
    campaign: int
    product: int
    day: date
    sales: tuple[Sale, ...]


def drawn(number: int, purpose: str, one_in: int) -> bool:
    """Whether a lot falls on this number: about one in so many, the same at each run."""
    return _lot(number, purpose) % one_in == 0


def _lot(number: int, purpose: str) -> int:
    digest = hashlib.sha256(f"{purpose} {number}".encode()).digest()
    return int.from_bytes(digest[:8], "big")


def fates(sales: Iterable[Sale]) -> list[Fate]:
    """The fates of a window's sales, platform by platform."""
    by_platform: dict[str, list[Sale]] = {platform: [] for platform in PLATFORMS}
    for sale in sales:
        by_platform[place(sale.store).shop.platform].append(sale)
    return [fate for each in by_platform.values() for fate in _fates(each)]


def _fates(sales: Sequence[Sale]) -> Iterable[Fate]:
    free = sorted((each for each in sales if _suits(each)), key=lambda s: _lot(s.number, "fate"))
    for kind, number in FATES.items():
        for sale in [each for each in free if _MAY[kind](each)][:number]:
            free.remove(sale)
            yield _fate(sale, kind)


def _suits(sale: Sale) -> bool:
    """A code with effect, something paid, and the return on the day of the sale."""
    effect = any(each.kind == "code" and each.amount for each in sale.discounts)
    same_day = shop_day(sale.placed_at) == shop_day(sale.placed_at + RETURN_AFTER)
    return effect and sale.total > 0 and same_day


def _may_come_back_in_part(sale: Sale) -> bool:
    """Every cent of the returned item's discount must be known to every platform.

    WooCommerce tells a line's discount for all coupons together, so that there must be one only;
    and a coupon without a code is a negative fee there, which belongs to no line.
    """
    at = _returned_item(sale)
    others = any(sale.net_of(each) for each in range(len(sale.items)) if each != at)
    if not others or sum(each.kind == "code" for each in sale.discounts) > 1:
        return False
    fees = place(sale.store).shop.platform == "woocommerce"
    return not (fees and any(each.kind == "coupon" for each in sale.discounts))


_MAY: dict[FateKind, Callable[[Sale], bool]] = {
    "partial": _may_come_back_in_part,
    "full": lambda _: True,
    "cancelled": lambda _: True,
    "unpaid": lambda _: True,
}


def _returned_item(sale: Sale) -> int:
    """The first item that the code took something off."""
    codes = [each for each in sale.discounts if each.kind == "code"]
    return next(at for at in range(len(sale.items)) if any(each.shares[at] for each in codes))


def _fate(sale: Sale, kind: FateKind) -> Fate:
    everything = tuple(range(len(sale.items)))
    if kind == "partial":
        return Fate(sale.number, kind, sale.placed_at + RETURN_AFTER, (_returned_item(sale),))
    if kind == "full":
        return Fate(sale.number, kind, sale.placed_at + RETURN_AFTER, everything)
    if kind == "cancelled":
        return Fate(sale.number, kind, sale.placed_at + CANCEL_AFTER, ())
    return Fate(sale.number, kind, None, ())


def meet(sale: Sale, fate: Fate | None) -> Sale:
    """The sale with its fate."""
    if fate is None:
        return sale
    if fate.kind == "unpaid":
        return replace(sale, paid=False)
    if fate.at is None:
        raise ValueError(f"the fate {fate.kind} of sale {fate.number} needs an instant")
    if fate.kind == "cancelled":
        return replace(sale, cancelled_at=fate.at)
    return replace(sale, back=GivenBack(fate.at, fate.items))


def leak(code: str, campaign: int, product: int, noon: datetime, stores: Sequence[int]) -> Leak:
    """The sales of a leak: one cheap item each, by people of no household, over 2.7 hours."""
    start = noon + timedelta(hours=LEAK_HOUR - 12)
    sales = tuple(
        Sale(
            number=FIRST_INJECTED + at,
            customer=f"leak{at + 1}",
            household=FIRST_STRANGER + at,
            store=stores[at % len(stores)],
            placed_at=start + at * LEAK_EVERY,
            items=(Item(str(product), "Leaked offer", 1, LEAK_PRICE),),
            discounts=(Discount("code", code, (LEAK_DISCOUNT,)),),
            note="injected leak",
        )
        for at in range(LEAK_USES)
    )
    return Leak(code, campaign, product, shop_day(start), sales)
