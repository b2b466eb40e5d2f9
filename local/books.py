"""What the stack's reconciliations say: orders on both sides, and what of them differs."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field

from local.aws import LocalAws
from local.cast import PARTS
from local.tables import document, items, text


@dataclass(frozen=True, slots=True)
class Reconciled:
    """One reconciliation: orders on both sides, breaks by kind, and orders that the ledger lacks by
    platform."""

    till_orders: int
    matched: int
    breaks: Mapping[str, int]
    missing: Mapping[str, int] = field(default_factory=dict)

    def missing_at(self, *, calls: bool) -> int:
        """Orders that the ledger lacks, of tills that call, or of those that never do."""
        return sum(
            count for platform, count in self.missing.items() if PARTS[platform].calls is calls
        )


def reconciled(aws: LocalAws, period: str) -> Reconciled:
    """The newest reconciliation of that period, all accounts and days together."""
    breaks: Counter[str] = Counter()
    missing: Counter[str] = Counter()
    orders = matched = 0
    for item in items(aws, "Books"):
        if not text(item, "pk").startswith(f"{period}#"):
            continue
        told = document(item)
        if text(item, "sk").startswith("day#") and isinstance(told, dict):
            orders += int(told["till_orders"])
            matched += int(told["matched_orders"])
        elif text(item, "sk").startswith("break#") and isinstance(told, list):
            kinds = [str(each["kind"]) for each in told]
            breaks.update(kinds)
            missing[text(item, "pk").split("#")[2]] += kinds.count("missing_in_ledger")
    return Reconciled(orders, matched, dict(sorted(breaks.items())), dict(sorted(missing.items())))
