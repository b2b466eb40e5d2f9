"""What is left in stock, as shops count it, for promotions that spare what is scarce."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime, timedelta

from vouchsafe.edge import stock_table
from vouchsafe.pure.asking import Call, Reply
from vouchsafe.pure.cart import Cart
from vouchsafe.pure.codes import canonical, folded
from vouchsafe.pure.errors import Absent
from vouchsafe.pure.register import Register
from vouchsafe.pure.stock import Level, left_at

from .models import LONGEST_NAME, LevelTold, SkuTold, StockAsked, StockTold


def take_in(call: Call) -> Reply:
    """Counts of the caller's account. One that is older than what is known changes nothing."""
    asked, caller = call.asked(StockAsked), call.caller
    counted_at = min(asked.counted_at or call.now, call.now)
    good_until = counted_at + timedelta(hours=asked.good_for_hours)
    kept = sum(
        stock_table.keep(
            caller.platform,
            caller.account,
            Level(
                sku=folded(each.sku),
                left=each.left,
                counted_at=counted_at,
                good_until=good_until,
                location_id=each.location_id,
            ),
        )
        for each in asked.levels
    )
    return Reply(body=StockTold(kept=kept, older=len(asked.levels) - kept))


def of_sku(call: Call) -> Reply:
    """Every count of a sku that is known of the caller's account."""
    sku = folded(call.path["sku"])
    if not 0 < len(sku) <= LONGEST_NAME:
        raise Absent("such sku")
    found = stock_table.of_sku(call.caller.platform, call.caller.account, sku)
    if not found:
        raise Absent("count of this sku")
    return Reply(body=SkuTold(sku=sku, levels=tuple(_told(each, call.now) for each in found)))


def counted(cart: Cart, raws: Iterable[str], register: Register, now: datetime) -> Cart:
    """The cart with what is left of its skus, where a promotion asks and the shop has not said."""
    said = {folded(sku) for sku, _ in cart.stock}
    skus = {folded(line.sku) for line in cart.lines if line.sku} - said
    if not skus or not any(_spares(raw, register) for raw in raws):
        return cart
    levels = stock_table.levels(cart.platform, cart.account, sorted(skus), cart.location_id)
    return replace(cart, stock=(*cart.stock, *left_at(levels, cart.location_id, now)))


def _spares(raw: str, register: Register) -> bool:
    """Whether a promotion of the code leaves out what is scarce."""
    code = register.code(canonical(raw))
    promotions = map(register.promotion, code.promotions if code else ())
    return any(each is not None and each.low_stock_below is not None for each in promotions)


def _told(level: Level, now: datetime) -> LevelTold:
    return LevelTold(
        location_id=level.location_id,
        left=level.left,
        counted_at=level.counted_at,
        good_until=level.good_until,
        holds=level.good_until > now,
    )
