"""What the replay adds to the data set, so that its figures stay apart: returns, a leak, losses.

The data set has no returns, no unpaid orders and no leak. A handful of sales that carried a code
with effect get a fate, the same at each run: some items back, everything back, called off, never
paid. One shared code is redeemed by people who were never targeted, in sales that the data set does
not have. Every choice is taken by a hash of the basket's id, and kept as a plan that the recount
reads: what was injected is told apart from what was counted.
"""

import hashlib
import itertools
from collections.abc import Container, Iterable, Sequence
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

# Platforms that cannot say of each discount on a line what a part of its units took along.
_NARROW = frozenset({"lightspeed", "lightspeed_retail", "sap_business_one", "toast", "woocommerce"})

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
    """What became of a sale. `items` came back as (item of the bill, units), of these products."""

    number: int
    kind: FateKind
    at: datetime | None
    items: tuple[tuple[int, int], ...] = ()
    products: tuple[int, ...] = ()


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


def fates(sales: Iterable[Sale], spread: Container[int]) -> list[Fate]:
    """The fates of a window's sales, platform by platform.

    `spread` are the sales with a coupon over its line's price, whose money lies on other lines.
    """
    by_platform: dict[str, list[Sale]] = {platform: [] for platform in PLATFORMS}
    for sale in sales:
        by_platform[place(sale.store).shop.platform].append(sale)
    return [fate for each in by_platform.values() for fate in _fates(each, spread)]


def _fates(sales: Sequence[Sale], spread: Container[int]) -> Iterable[Fate]:
    free = sorted(filter(_suits, sales), key=lambda each: _lot(each.number, "fate"))
    free.sort(key=lambda each: not _leaves_some(each))
    for kind, number in FATES.items():
        may = (each for each in free if kind != "partial" or _may_come_back_in_part(each, spread))
        for sale in list(itertools.islice(may, number)):
            free.remove(sale)
            yield _fate(sale, kind)


def _suits(sale: Sale) -> bool:
    """A code with effect, something paid, and the return on the day of the sale."""
    effect = any(each.kind == "code" and each.amount for each in sale.discounts)
    same_day = shop_day(sale.placed_at) == shop_day(sale.placed_at + RETURN_AFTER)
    return effect and sale.total > 0 and same_day


def _leaves_some(sale: Sale) -> bool:
    """Whether one unit takes a part of a code's money with it, so that the rest stands."""
    at, units = _returned(sale)
    codes = (each for each in sale.discounts if each.kind == "code")
    backs = ((each.shares[at] * units // sale.items[at].units, each.amount) for each in codes)
    return any(0 < back < amount for back, amount in backs)


def _may_come_back_in_part(sale: Sale, spread: Container[int]) -> bool:
    """Every cent of the returned unit's discount must be its own, and known to every platform.

    WooCommerce tells a line's discount for all coupons together, so that there must be one only;
    and a coupon without a code is a negative fee there, which belongs to no line. Lightspeed's
    tills ring a line with several discounts in parts.
    """
    at, _ = _returned(sale)
    units, more = sale.items[at].units, sum(item.units for item in sale.items) > 1
    codes = [each for each in sale.discounts if each.kind == "code"]
    cuts = [each for each in sale.discounts if each.kind != "code"]
    # A unit's part of each discount is a whole number of cents, but for one code's at most.
    odd = any(each.shares[at] % units for each in cuts) or (
        units > 1 and sum(each.shares[at] > 0 for each in codes) > 1
    )
    if odd or not more or sale.number in spread:
        return False
    fees = any(each.kind == "coupon" for each in cuts)
    narrow = place(sale.store).shop.platform in _NARROW
    return not narrow or (len(codes) == 1 and not fees)


def _returned(sale: Sale) -> tuple[int, int]:
    """One unit of the first item that a code took something off."""
    codes = [each for each in sale.discounts if each.kind == "code"]
    return next((at, 1) for at in range(len(sale.items)) if any(each.shares[at] for each in codes))


def _fate(sale: Sale, kind: FateKind) -> Fate:
    if kind == "unpaid":
        return Fate(sale.number, kind, None)
    if kind == "cancelled":
        return Fate(sale.number, kind, sale.placed_at + CANCEL_AFTER)
    everything = ((at, item.units) for at, item in enumerate(sale.items))
    items = (_returned(sale),) if kind == "partial" else tuple(everything)
    products = tuple(int(sale.items[at].sku) for at, _ in items)
    return Fate(sale.number, kind, sale.placed_at + RETURN_AFTER, items, products)


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
