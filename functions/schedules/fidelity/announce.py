"""What the web team is told where a rate has changed: the repair task, with its orders. Pure."""

from collections.abc import Sequence
from datetime import datetime

from vouchsafe.pure.facts import joined
from vouchsafe.pure.fidelity import CodeFidelity, DayFidelity, by_code, orders_of
from vouchsafe.pure.happening import Happening

from .change import Change, changed

_SHOWN_ORDERS = 50


def announcements(
    stack: str, result: DayFidelity, before: Sequence[DayFidelity], at: datetime
) -> list[Happening]:
    """`FidelityChanged` of the shop, or, where it is steady as a whole, of each code whose own rate
    changed: a page that reports nothing is one task, and not one for each code."""
    past = [(each.confirmed(), each.reported()) for each in before]
    whole = changed((result.confirmed(), result.reported()), past)
    if whole:
        return [_happening(stack, result, "", result.codes, whole, at)]
    found = []
    for code, rows in by_code(result.codes).items():
        of_code = [_sums(by_code(each.codes).get(code, ())) for each in before]
        change = changed(_sums(rows), of_code)
        if change:
            found.append(_happening(stack, result, code, rows, change, at))
    return found


def _sums(rows: Sequence[CodeFidelity]) -> tuple[int, int]:
    return sum(each.confirmed for each in rows), sum(each.reported for each in rows)


def _happening(
    stack: str,
    result: DayFidelity,
    code: str,
    rows: Sequence[CodeFidelity],
    change: Change,
    at: datetime,
) -> Happening:
    """Its id has what was found: judged again, the same is no news."""
    confirmed, reported = _sums(rows)
    parts = (result.platform, result.account, result.day.isoformat(), code)
    unreported = orders_of(rows)
    return Happening(
        happening="FidelityChanged",
        id=joined(("fidelity", *parts, f"{reported}/{confirmed}")),
        at=at,
        stack=stack,
        subject={
            "platform": result.platform,
            "account": result.account,
            "front_end": result.front_end,
            "day": result.day.isoformat(),
            "code": code,
            "confirmed": confirmed,
            "reported": reported,
            "under_reporting_rate": round(change.rate, 4),
            "expected_rate": round(change.expected, 4),
            "odds": change.odds,
            "codeless": sum(len(each.codeless) for each in rows),
            "orders": list(unreported[:_SHOWN_ORDERS]),
            "orders_in_all": len(unreported),
        },
    )
