"""The release calendar, as data and as a file for people's calendars, and the fatigue guard."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from hashlib import sha256

from vouchsafe.edge import proposals_table, register_table
from vouchsafe.pure import release
from vouchsafe.pure.asking import Call, Reply
from vouchsafe.pure.errors import Invalid
from vouchsafe.pure.icalendar import Event, icalendar
from vouchsafe.pure.linter import Severity
from vouchsafe.pure.register import Promotion
from vouchsafe.pure.release import Fatigue, Peak, Plan, Remark, audience_text

from .plan import plan
from .release_words import (
    CalendarTold,
    FatigueSaid,
    PeakSaid,
    PeakTold,
    ReleaseTold,
    RemarkTold,
    WindowTold,
)
from .settings import deed_of, must_have_seen

_USUAL = timedelta(days=91)
_LONGEST = timedelta(days=366)


def calendar(call: Call) -> Reply:
    """What goes out when and to whom, what crosses, what is too much, and when nothing runs."""
    page = _page(call)
    shown = page.remarks[: release.MOST_TOLD]
    told = CalendarTold(
        first=page.first,
        last=page.last,
        windows=[_window(each, page.stands) for each in page.promotions()],
        releases=[
            ReleaseTold(
                day=each.day,
                campaign_id=each.campaign_id,
                channel=each.channel,
                audience=audience_text(each.audience),
                promotions=list(each.promotions),
                planned=each.planned,
                people=each.people,
                channels=each.channels,
            )
            for each in release.releases_of(page.stands)
            if page.first <= each.day <= page.last
        ],
        peaks=[*page.peaks()],
        remarks=[_remark(each, page.fatigue) for each in shown],
        remarks_left_out=len(page.remarks) - len(shown),
        campaigns_left_out=page.stands.left_out,
        register_revision=page.revision,
    )
    return Reply(body=told)


def feed(call: Call) -> Reply:
    """The same for a calendar that people look at; what stacks or competes is left to the data."""
    page = _page(call)
    events = [*_events(page)]
    return Reply(text=icalendar("Vouchsafe releases", events, call.now))


def fatigue(_call: Call) -> Reply:
    """How many releases are enough, and when people buy."""
    return _said(proposals_table.fatigue())


def set_fatigue(call: Call) -> Reply:
    """Set over the version that was seen."""
    asked, before = call.asked(FatigueSaid), proposals_table.fatigue()
    must_have_seen(call, before.version)
    after = Fatigue(
        audience_a_day=asked.audience_a_day,
        audience_a_week=asked.audience_a_week,
        channel_a_day=asked.channel_a_day,
        channel_a_week=asked.channel_a_week,
        peaks=tuple(Peak(name=p.name, starts=p.starts, ends=p.ends) for p in asked.peaks),
        strict=asked.strict,
        strict_overlaps=asked.strict_overlaps,
        version=before.version + 1,
    )
    release.check(after)
    deed = deed_of(call, "fatigue", before, after)
    proposals_table.keep_fatigue(after, deed)
    return _said(after)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Page:
    """A period of the calendar, what stands in it and in the week before, and what to look at."""

    first: date
    last: date
    stands: Plan
    fatigue: Fatigue
    remarks: list[Remark]
    revision: int

    def promotions(self) -> list[Promotion]:
        met = [each for each in self.stands.promotions if each.ends_on >= self.first]
        return sorted(met, key=lambda each: (each.starts_on, each.promotion_id))

    def peaks(self) -> Iterator[PeakTold]:
        for peak in self.fatigue.peaks:
            for starts, ends in peak.windows(self.first, self.last):
                yield PeakTold(name=peak.name, starts_on=starts, ends_on=ends)


def _page(call: Call) -> _Page:
    first, last = _period(call)
    at, fatigue = register_table.snapshot(), proposals_table.fatigue()
    stands = plan(release.looked_from(first), last, at)
    found = [
        *release.crossings(stands, fatigue, first, last),
        *release.gaps(stands.promotions, first, last),
        *release.peaks_missed(stands.promotions, fatigue.peaks, first, last),
    ]
    return _Page(
        first=first,
        last=last,
        stands=stands,
        fatigue=fatigue,
        remarks=sorted(found, key=lambda each: (each.rule == "overlap", each.starts_on)),
        revision=at.revision,
    )


def _events(page: _Page) -> Iterator[Event]:
    """Promotions by their windows, peaks, and what is too much or missing."""
    for each in page.promotions():
        window = _window(each, page.stands)
        where = ", ".join(window.places) or "everywhere"
        yield Event(
            uid=f"promotion-{each.promotion_id}@vouchsafe",
            starts_on=each.starts_on,
            ends_on=each.ends_on,
            summary=f"{each.promotion_id} ({each.status})",
            description=f"{each.campaign_id} by {window.channel}, for {window.audience}, {where}",
            category="promotion",
        )
    for peak in page.peaks():
        yield Event(
            uid=f"peak-{peak.name}-{peak.starts_on}@vouchsafe",
            starts_on=peak.starts_on,
            ends_on=peak.ends_on,
            summary=peak.name,
            category="peak",
        )
    yield from _warnings(page.remarks)


def _warnings(remarks: Iterable[Remark]) -> Iterator[Event]:
    for each in remarks:
        if each.rule != "overlap":
            yield Event(
                uid=f"{each.rule}-{each.starts_on}-{_digest(each.says)}@vouchsafe",
                starts_on=each.starts_on,
                ends_on=each.ends_on,
                summary=each.says,
                category=each.rule,
            )


def _digest(text: str) -> str:
    return sha256(text.encode()).hexdigest()[:12]


def _window(each: Promotion, stands: Plan) -> WindowTold:
    return WindowTold(
        promotion_id=each.promotion_id,
        campaign_id=each.campaign_id,
        starts_on=each.starts_on,
        ends_on=each.ends_on,
        status=each.status,
        channel=stands.campaigns[each.campaign_id].channel(),
        audience=audience_text(each.audience),
        places=sorted(each.places),
        generic=each.generic,
    )


def _remark(each: Remark, fatigue: Fatigue) -> RemarkTold:
    is_error = {"over_mailing": fatigue.strict, "overlap": fatigue.strict_overlaps}
    severity: Severity = "error" if is_error.get(each.rule) else "advice"
    return RemarkTold(
        rule=each.rule,
        severity=severity,
        starts_on=each.starts_on,
        ends_on=each.ends_on,
        promotions=list(each.promotions),
        says=each.says,
    )


def _said(fatigue: Fatigue) -> Reply:
    peaks = tuple(PeakSaid(name=p.name, starts=p.starts, ends=p.ends) for p in fatigue.peaks)
    told = FatigueSaid(
        audience_a_day=fatigue.audience_a_day,
        audience_a_week=fatigue.audience_a_week,
        channel_a_day=fatigue.channel_a_day,
        channel_a_week=fatigue.channel_a_week,
        peaks=peaks,
        strict=fatigue.strict,
        strict_overlaps=fatigue.strict_overlaps,
    )
    return Reply(body=told, version=fatigue.version)


def _period(call: Call) -> tuple[date, date]:
    """Three months from today, if nothing is said."""
    first = _day(call, "from") or call.now.date()
    last = _day(call, "to") or first + _USUAL
    if not first <= last <= first + _LONGEST:
        raise Invalid("to", f"must be from {first} on, and at most {_LONGEST.days} days later")
    return first, last


def _day(call: Call, name: str) -> date | None:
    text = call.query.get(name)
    try:
        found = date.fromisoformat(text) if text is not None else None
    except ValueError as error:
        raise Invalid(name, "must be a day, such as 2026-11-20") from error
    if found and not 1970 <= found.year < 9000:
        raise Invalid(name, "must be a day that people plan for")
    return found
