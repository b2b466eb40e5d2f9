"""What finance is told of a finished run: pure, from the results of its days."""

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from datetime import datetime

from vouchsafe.pure.books import BREAK_KINDS, DayResult
from vouchsafe.pure.happening import Happening
from vouchsafe.pure.statement import run_key


def announcement(stack: str, results: Sequence[DayResult], at: datetime) -> Happening:
    """`ReconciliationDone` of one period and account; needs at least one day.

    Its id holds what was found, so that a later run that finds something else is news, and one
    that finds the same is not.
    """
    scope = results[0].scope
    breaks = Counter(each.kind for result in results for each in result.breaks)
    counts = {kind: breaks[kind] for kind in BREAK_KINDS if breaks[kind]}
    found = "-".join(f"{kind}:{count}" for kind, count in counts.items()) or "clean"
    return Happening(
        happening="ReconciliationDone",
        id=f"reconciliation#{run_key(scope)}#{found}",
        at=at,
        stack=stack,
        subject={
            "period": scope.period,
            "start": scope.first.isoformat(),
            "end": scope.last.isoformat(),
            "platform": scope.platform,
            "account": scope.account,
            "matched": sum(each.matched_orders for each in results),
            "till_orders": sum(each.till_orders for each in results),
            "ledger_orders": sum(each.ledger_orders for each in results),
            "breaks": counts,
            "money": _money(results),
            "agrees": all(each.agrees() for each in results),
            "report": f"run {run_key(scope)}",
        },
    )


def _money(results: Sequence[DayResult]) -> Mapping[str, Mapping[str, int]]:
    """By currency: what both sides say of totals and discounts, in minor units."""
    sums: dict[str, list[int]] = defaultdict(lambda: [0, 0, 0, 0])
    for result in results:
        for currency, *amounts in result.totals:
            sums[currency] = [
                held + more for held, more in zip(sums[currency], amounts, strict=True)
            ]
    names = (
        "till_total_minor",
        "ledger_total_minor",
        "till_discount_minor",
        "ledger_discount_minor",
    )
    return {
        currency: dict(zip(names, amounts, strict=True))
        for currency, amounts in sorted(sums.items())
    }
