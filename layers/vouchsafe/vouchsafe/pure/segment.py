"""Whether a customer is in a segment: on its list, or by what the ledger knows.

Orders that were confirmed count, by what was paid and not given back; who ordered at all, and when
last, is asked of every order, as the audiences `new` and `silent` ask it.
"""

from collections.abc import Iterable
from datetime import date, timedelta

from vouchsafe.pure.business_day import DayRule
from vouchsafe.pure.cart import Bought, Cart, Known
from vouchsafe.pure.codes import folded
from vouchsafe.pure.register import Segment, SegmentRule


def belongs(segment: Segment, cart: Cart, known: Known, days: DayRule) -> bool:
    """Whether whoever buys is in it on the business day of the cart."""
    today = days.day_of(cart.placed_at)
    if segment.is_list():
        return known.is_listed(cart.customer, segment.segment_id, today)
    return all(_meets(rule, segment, cart, known, days) for rule in segment.rules)


def _meets(rule: SegmentRule, segment: Segment, cart: Cart, known: Known, days: DayRule) -> bool:
    today = days.day_of(cart.placed_at)
    match rule.kind:
        case "first_time":
            return known.orders_before(cart.customer) == 0
        case "silent":
            last = known.last_order_at(cart.customer)
            return last is not None and (today - days.day_of(last)).days >= rule.days
        case _:
            return _has_bought(rule, segment, known.bought(cart.customer), today)


def _has_bought(rule: SegmentRule, segment: Segment, bought: Iterable[Bought], today: date) -> bool:
    match rule.kind:
        case "orders":
            return len(_counted(rule, bought, today)) >= rule.least
        case "spent":
            in_currency = [each for each in bought if each.currency == segment.currency]
            spent = sum(each.net_minor for each in _counted(rule, in_currency, today))
            return spent >= rule.least
        case "bought_sku":
            return any(_names(rule, each.skus) for each in bought)
        case "bought_category":
            return any(_names(rule, each.categories) for each in bought)
        case _:
            return any(each.place == rule.name for each in bought)


def _counted(rule: SegmentRule, bought: Iterable[Bought], today: date) -> list[Bought]:
    """Those of the rule's span, its first day included; `within` one day is today alone."""
    first = rule.since
    if rule.within is not None:
        first = today - timedelta(days=rule.within - 1)
    return [each for each in bought if first is None or each.on >= first]


def _names(rule: SegmentRule, named: Iterable[str]) -> bool:
    return folded(rule.name) in map(folded, named)
