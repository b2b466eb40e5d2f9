"""Lambda: a day is settled at the front end -> it is held against the ledger, kept, and told of."""

from collections.abc import Iterator, Mapping
from datetime import date, datetime, timedelta
from typing import Any

from vouchsafe.edge import (
    clock,
    cursors_table,
    fidelity_table,
    journal,
    orders_table,
    queue,
    redemptions_table,
    sightings_table,
    topic,
)
from vouchsafe.edge.register_table import all_accounts
from vouchsafe.edge.settings import setting
from vouchsafe.pure.business_day import DayRule, parse_day
from vouchsafe.pure.errors import Invalid, Refused, Throttled, Unavailable
from vouchsafe.pure.facts import OrderKey
from vouchsafe.pure.fidelity import DayFidelity
from vouchsafe.pure.order import Order
from vouchsafe.pure.redemption import Redemption
from vouchsafe.pure.register import Account
from vouchsafe.pure.sighting import Sighting

from .announce import announcements
from .judge import Compared, Sold, judge

# GA4 takes late events into its days for as long (platforms/google_analytics, read 2026-11-20).
SETTLES_IN = timedelta(days=3)
_LOOKED_BACK_DAYS = 28
_DAY = timedelta(days=1)
# A front end that was not asked in time is asked again by its own clock.
_ASK_AGAIN_S = 1800


def handle(event: Mapping[str, Any], _context: object) -> queue.Answer:
    """Messages: `{}` takes the newest settled day of every shop that has a front end; with
    `platform`, `account` and `day` that day, by hand."""
    with journal.line("fidelity", consumer="fidelity") as line:

        def work(message: queue.Message) -> bool:
            return _worked(message, line)

        return queue.each(event, work)


def _worked(message: queue.Message, line: journal.Line) -> bool:
    try:
        asked = message.body()
        if "day" in asked:
            _judged(asked["platform"], asked["account"], parse_day(asked["day"]), line)
        else:
            _spread(line)
    except (Unavailable, Refused, Invalid, KeyError, ValueError) as reason:
        line.count("failed")
        line.note(reason=str(reason))
        if isinstance(reason, Throttled):
            queue.put_off(message, reason.retry_after_s)
        return False
    return True


def _spread(line: journal.Line) -> None:
    """A message for each shop, so that one that waits for its front end holds up nobody."""
    accounts, now = _accounts(), clock.now()
    messages = []
    for shop in accounts.values():
        if shop.front_end:
            today = _days_of(accounts, shop.front_end).day_of(now)
            day = today - SETTLES_IN - _DAY
            where = {"platform": shop.platform, "account": shop.account}
            messages.append({**where, "day": day.isoformat()})
    queue.send(setting("FIDELITY_QUEUE_URL"), messages)
    line.note(shops=len(messages))


def _judged(platform: str, account: str, day: date, line: journal.Line) -> None:
    accounts, now = _accounts(), clock.now()
    shop = accounts.get(f"{platform}/{account}")
    if shop is None or not shop.front_end:
        raise Invalid("account", f"has no front end in the register: {platform}/{account}")
    days = _days_of(accounts, shop.front_end)
    _must_be_settled(shop.front_end, days, day)
    shops = [name for name in sorted(accounts) if accounts[name].front_end == shop.front_end]
    own = f"{platform}/{account}"
    scope = Compared(
        platform=platform,
        account=account,
        front_end=shop.front_end,
        day=day,
        first=shops[0] == own,
    )

    def looked_up(order_id: str) -> Sold | None:
        found = _order(own, order_id)
        return _sold(found, days) if found else None

    def is_others(order_id: str) -> bool:
        return any(_order(name, order_id) for name in shops if name != own)

    sold = list(_around(shop, day, days))
    seen = _seen_around(shop.front_end, day)
    result = judge(scope, sold, seen, looked_up, is_others, now)
    _published(result, now, line)


def _published(result: DayFidelity, now: datetime, line: journal.Line) -> None:
    """Kept before it is told; told again under the same id, it is told once."""
    fidelity_table.put(result)
    before = fidelity_table.days_before(
        result.platform, result.account, result.day, _LOOKED_BACK_DAYS
    )
    told = announcements(setting("STACK_NAME"), result, before, now)
    for happening in told:
        topic.publish(happening)
    queue.send(setting("EXPORT_QUEUE_URL"), [{"day": result.day.isoformat()}])
    line.count("compared", result.confirmed())
    line.count("unreported", result.confirmed() - result.reported())
    line.count("told", len(told))
    line.note(account=result.account, day=result.day.isoformat())


def _must_be_settled(front_end: str, days: DayRule, day: date) -> None:
    """A front end that was not asked since its day settled says too little of it: silence must not
    look like a broken page. Raises Throttled until it was."""
    platform, account = front_end.split("/")
    settled_at = days.starts(day + _DAY) + SETTLES_IN
    swept = cursors_table.get(platform, account, "sweep")
    if swept is None or not swept.done or swept.end < settled_at:
        raise Throttled(f"{front_end}: not asked since {day} settled", _ASK_AGAIN_S)


def _accounts() -> Mapping[str, Account]:
    return {f"{each.platform}/{each.account}": each for each in all_accounts()}


def _days_of(accounts: Mapping[str, Account], front_end: str) -> DayRule:
    """The property's days. Raises Invalid where the register has no such account."""
    found = accounts.get(front_end)
    if found is None:
        raise Invalid("front_end", f"is no account of the register: {front_end}")
    return found.days


def _seen_around(front_end: str, day: date) -> Iterator[Sighting]:
    """A report may fall on the other side of midnight from its order."""
    platform, account = front_end.split("/")
    for each in (day - _DAY, day, day + _DAY):
        yield from sightings_table.of_day(platform, account, each)


def _around(shop: Account, day: date, days: DayRule) -> Iterator[Sold]:
    """The shop's orders of the business days that the property's day may reach into."""
    for each in (day - _DAY, day, day + _DAY):
        for order, _ in orders_table.of_day(each, shop.platform, shop.account):
            if not order.test:
                yield _sold(order, days)


def _order(shop: str, order_id: str) -> Order | None:
    platform, account = shop.split("/")
    key = OrderKey(platform=platform, account=account, order_id=order_id)
    found = orders_table.get(key.text())
    return found[0] if found else None


def _sold(order: Order, days: DayRule) -> Sold:
    asked = order.has_discounts()
    rows = redemptions_table.of_order(order.key.text()).values() if asked else ()
    codes = {row.code for row in rows if isinstance(row, Redemption) and row.confirmed_at}
    return Sold(
        order=order.key.text(),
        order_id=order.key.order_id,
        day=days.day_of(order.placed_at),
        location_id=order.location_id or "",
        channel=order.channel or "",
        confirmed=order.confirmed_at is not None,
        codes=tuple(sorted(codes)),
        currency=order.currency,
        total_minor=order.total_minor,
    )
