"""What a proposal would do to the calendar: its promotions as if they stood already."""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from typing import Literal

from vouchsafe.pure.linter import Finding, Severity
from vouchsafe.pure.register import Campaign, Promotion
from vouchsafe.pure.register_lines import Line
from vouchsafe.pure.release import HOW, Fatigue, Plan, Remark, Together, crossings

_MOST_NAMED = 5


def period_of(lines: Sequence[Line], today: date) -> tuple[date, date] | None:
    """The days to look at; None where the lines bring no promotion that is still to come."""
    said = [each for each in _promotions(lines) if each.ends_on >= today]
    if not said:
        return None
    return max(min(each.starts_on for each in said), today), max(each.ends_on for each in said)


def findings_ahead(
    lines: Sequence[Line], stands: Plan, fatigue: Fatigue, today: date
) -> list[Finding]:
    """What would cross and what would be too much that does not and is not now."""
    period = period_of(lines, today)
    if period is None:
        return []
    said = {each.promotion_id: each for each in _promotions(lines)}
    others = [each for each in stands.promotions if each.promotion_id not in said]
    as_if = Plan(
        promotions=(*others, *said.values()),
        campaigns={**stands.campaigns, **_campaigns(lines)},
        given=stands.given,
    )
    now = set(crossings(stands, fatigue, *period, of=said.keys()))
    then = crossings(as_if, fatigue, *period, of=said.keys())
    new = [each for each in then if each not in now and said.keys() & set(each.promotions)]
    rows = {each.said.promotion_id: each for each in lines if isinstance(each.said, Promotion)}
    return [
        *_too_many(new, rows, fatigue),
        *_overlaps(new, rows, fatigue),
        *_not_compared(stands, rows),
    ]


def _too_many(
    new: Sequence[Remark], rows: Mapping[str, Line], fatigue: Fatigue
) -> Iterator[Finding]:
    severity: Severity = "error" if fatigue.strict else "advice"
    for each in new:
        if each.rule == "over_mailing":
            line = next(rows[one] for one in each.promotions if one in rows)
            says = f"is one too many from {each.starts_on} to {each.ends_on}: {each.says}"
            yield _finding(severity, line, "over_mailing", says)


def _overlaps(
    new: Sequence[Remark], rows: Mapping[str, Line], fatigue: Fatigue
) -> Iterator[Finding]:
    """One for each row, and not for each pair: a long promotion crosses many."""
    severity: Severity = "error" if fatigue.strict_overlaps else "advice"
    crossed: dict[tuple[str, Together], list[str]] = defaultdict(list)
    for each in new:
        if each.together:
            one, other = sorted(each.promotions, key=lambda name: name not in rows)
            crossed[one, each.together].append(other)
    for (promotion_id, together), others in crossed.items():
        more = len(others) - _MOST_NAMED
        named = ", ".join(others[:_MOST_NAMED]) + (f" and {more} more" if more > 0 else "")
        says = f"runs for the same people at the same places as {named}: {HOW[together]}"
        yield _finding(severity, rows[promotion_id], "overlap", says)


def _not_compared(stands: Plan, rows: Mapping[str, Line]) -> Iterator[Finding]:
    if stands.left_out:
        says = f"runs beside {stands.left_out} campaigns more than were looked at"
        yield _finding("advice", next(iter(rows.values())), "overlap", says)


def _promotions(lines: Sequence[Line]) -> list[Promotion]:
    return [each.said for each in lines if isinstance(each.said, Promotion) and not each.bad]


def _campaigns(lines: Sequence[Line]) -> dict[str, Campaign]:
    said = (each.said for each in lines if not each.bad)
    return {each.campaign_id: each for each in said if isinstance(each, Campaign)}


def _finding(
    severity: Severity, line: Line, rule: Literal["overlap", "over_mailing"], says: str
) -> Finding:
    return Finding(
        severity=severity,
        rule=rule,
        kind=line.row.kind,
        row=line.row.line,
        field="starts_on",
        says=says,
    )
