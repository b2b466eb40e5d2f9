"""The uses of one code in a batch: traced, watched, and written with what they set off."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from vouchsafe.edge import touchpoints_table
from vouchsafe.edge.alarms_table import Key, key_of
from vouchsafe.pure.alarm import Alarm, Cause, Evidence, cleared, quiet
from vouchsafe.pure.redemption import Redemption
from vouchsafe.pure.register import Register, days_at, promotions_of

from . import watch as watches
from .book import Book, written
from .judge import kept_minor, named, place_of
from .pace import Clock
from .spikes import OPEN_KEY, Open
from .trace import Lead, lead_of, leads_to, planned_a_day
from .watch import Watch

CLOCK_KEY = Key("watch#pace", "clock")
# The newest touchpoints of a person; a campaign's trace is no further away.
_MOST_TOUCHES = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class Judging:
    """What all uses of one code are judged by."""

    code: str
    planned: float
    launched_at: float
    budget: float
    now: datetime


def watch_key(code: str) -> Key:
    """Where a code's watch lies."""
    return Key(f"watch#code#{code}", "spike")


def observe(
    code: str, uses: Iterable[Redemption], register: Register, budget: float, now: datetime
) -> set[str]:
    """Brings new uses of a code to its watch, in one read and one write; the alarms it touched.

    Uses that were counted before change nothing.
    """
    ordered = sorted(
        (named(use, register) for use in uses), key=lambda use: (use.redeemed_at, use.key.text())
    )
    traced: dict[str, bool] = {}
    given: dict[Lead, bool] = {}
    judging = Judging(
        code=code,
        planned=max(planned_a_day(lead_of(use, register)) for use in ordered),
        launched_at=_launched_at(ordered[0], register),
        budget=budget,
        now=now,
    )

    def attempt(book: Book) -> set[str]:
        book.learn([watch_key(code), CLOCK_KEY])
        fresh = _fresh(book.get(Watch, watch_key(code)), ordered)
        for use in fresh:
            if use.key.text() not in traced:
                traced[use.key.text()] = is_traced(use, register, given)
        return _observed(book, judging, fresh, traced)

    return written(attempt)


def is_traced(use: Redemption, register: Register, given: dict[Lead, bool]) -> bool:
    """Whether the use traces to a campaign of its code that was running.

    A public code, and one that was never given to anybody, is traced by the campaign itself;
    else the person must have been given it, or been reached by the campaign, before. `given`
    keeps what was asked, for the next use.
    """
    lead = lead_of(use, register)
    if not lead.campaigns:
        return False
    if lead not in given:
        given[lead] = not lead.public and _was_given(lead)
    if not given[lead]:
        return True
    until = use.redeemed_at + timedelta(seconds=1)
    return any(
        leads_to(lead, touchpoints_table.latest_of_person(identity, until, _MOST_TOUCHES))
        for identity in use.customer
    )


def calm(book: Book, code: str, exposure: float, now: datetime) -> set[str]:
    """Gives the all-clear where it is due; the alarms that may have something to tell."""
    watch = book.get(Watch, watch_key(code))
    if watch and watch.alarm and watches.is_calm(watch, exposure):
        watch = _cleared(book, watch, now)
        book.put(watch_key(code), watch)
    return watches.alarms_of(watch)


def relist(book: Book, code: str) -> None:
    """Notes when to look at the code again: never, where no alarm of it is open."""
    book.learn([watch_key(code), OPEN_KEY])
    watch = book.get(Watch, watch_key(code))
    listed = book.get(Open, OPEN_KEY) or Open()
    if watch and watch.alarm:
        book.put(OPEN_KEY, listed.with_code(code, watches.calm_at(watch)))
    else:
        book.put(OPEN_KEY, listed.without(code))


def _observed(
    book: Book, judging: Judging, fresh: Sequence[Redemption], traced: Mapping[str, bool]
) -> set[str]:
    key, clock = watch_key(judging.code), book.get(Clock, CLOCK_KEY)
    watch = book.get(Watch, key)
    touched = watches.alarms_of(watch)
    for use in fresh:
        if watch is None:
            at = use.redeemed_at.timestamp()
            watch = watches.begun(judging.planned, clock, judging.launched_at, at)
        seen = watches.sight(
            _evidence(use), clock, traced=traced[use.key.text()], newest=watch.newest
        )
        if watch.alarm and not seen.old and watches.is_calm(watch, seen.exposure):
            watch = _cleared(book, watch, judging.now)
        watch, hot = watches.found(watch, seen, clock, judging.planned, judging.budget)
        if hot:
            watch = _alarmed(book, watch, hot, use, judging)
        touched |= watches.alarms_of(watch)
    if watch and fresh:
        book.put(key, watch)
    return touched


def _alarmed(
    book: Book, watch: Watch, hot: watches.Stream, use: Redemption, judging: Judging
) -> Watch:
    """Opens the code's alarm, or brings the open one up to date."""
    (promotion,) = use.promotions if len(use.promotions) == 1 else ("",)
    cause = Cause(rule="spike", code=judging.code, day=use.business_day, promotion=promotion)
    alarm_id = watch.alarm or cause.alarm_id()
    alarm = book.get(Alarm, key_of(alarm_id)) or quiet(cause, judging.now)
    told = watches.told(alarm, watch, hot, judging.now)
    newest_on = max(alarm.newest_on, use.business_day)
    book.put(key_of(alarm_id), replace(told, newest_on=newest_on))
    if watch.alarm is None:
        listed = book.get(Open, OPEN_KEY) or Open()
        book.put(OPEN_KEY, listed.with_code(judging.code, watches.calm_at(watch)))
    return replace(watch, alarm=alarm_id)


def _cleared(book: Book, watch: Watch, now: datetime) -> Watch:
    """The open alarm is over. Its code stays listed until the all-clear has been told."""
    if watch.alarm:
        alarm = book.get(Alarm, key_of(watch.alarm))
        if alarm and alarm.state == "open":
            book.put(key_of(watch.alarm), cleared(alarm, now))
    return watches.calmed(watch)


def _fresh(watch: Watch | None, uses: Sequence[Redemption]) -> list[Redemption]:
    """The uses that were not counted lately, one for each order."""
    by_order = {use.key.text(): use for use in uses}
    return [
        use
        for order, use in by_order.items()
        if watch is None or not watches.remembers(watch, order)
    ]


def _was_given(lead: Lead) -> bool:
    """Whether anybody was ever given the code, or reached by one of its running campaigns."""
    return touchpoints_table.published(lead.code) or any(
        touchpoints_table.published_in(each.campaign_id) for each in lead.campaigns
    )


def _launched_at(use: Redemption, register: Register) -> float:
    """The first instant of the code's first promotion, where the use took place."""
    promotions = promotions_of(register, register.code(use.code))
    if not promotions:
        return use.redeemed_at.timestamp()
    days = days_at(register, use.key.platform, use.key.account, use.location_id)
    return days.starts(min(each.starts_on for each in promotions)).timestamp()


def _evidence(use: Redemption) -> Evidence:
    return Evidence(
        order=use.key.text(),
        item=use.item_id(),
        redeemed_at=use.redeemed_at,
        currency=use.currency,
        at_risk_minor=kept_minor(use),
        place=place_of(use),
        code_raw=use.code_raw,
    )
