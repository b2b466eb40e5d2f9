"""Derives everything right of the facts again, and proves it equal: `make rebuild`.

Facts -> orders, redemptions -> credits -> sums, and the published files. What differs is named,
and mended where asked (`ARGS=--mend`). Exit 1 where something differed.
"""

import argparse
import sys
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from console import stack
from console.progress import Bar

if TYPE_CHECKING:
    from vouchsafe.pure.redemption import Redemption, Unmapped
    from vouchsafe.pure.register import Register

_SHOWN = 20


@dataclass
class Findings:
    """What was derived, and what differs from it."""

    counts: dict[str, int] = field(default_factory=dict)
    differs: list[str] = field(default_factory=list)
    outdated: list[str] = field(default_factory=list)

    def add(self, what: str, number: int = 1) -> None:
        """Counts what was derived again."""
        self.counts[what] = self.counts.get(what, 0) + number


def main(arguments: Sequence[str]) -> int:
    """0 where all is equal, 1 where something differed."""
    parser = argparse.ArgumentParser(prog="make rebuild", description=__doc__)
    parser.add_argument("--mend", action="store_true", help="write what differs anew")
    asked = parser.parse_args(arguments)
    stack.connected()
    findings = Findings()
    with Bar() as bar:
        _orders(findings, bar, mend=asked.mend)
        _sums(findings, mend=asked.mend)
        _files(findings, bar)
    for line in told(findings):
        print(line)
    return 1 if findings.differs else 0


def told(findings: Findings) -> Iterator[str]:
    """What a person reads at the end."""
    for what, number in findings.counts.items():
        yield f"{number:>9,} {what} derived again"
    for each in findings.differs[:_SHOWN]:
        yield f"DIFFERS  {each}"
    if len(findings.differs) > _SHOWN:
        yield f"... and {len(findings.differs) - _SHOWN:,} more"
    for each in findings.outdated[:_SHOWN]:
        yield f"OUTDATED {each} (its day changed since; export it again)"
    yield "Something differs." if findings.differs else "Everything equals what the facts say."


def _orders(findings: Findings, bar: Bar, *, mend: bool) -> None:
    """Every order's facts folded, and what follows from them held against the tables."""
    from vouchsafe.edge import facts_table, orders_table, redemptions_table
    from vouchsafe.edge.register_table import RegisterReader
    from vouchsafe.flow.project import project
    from vouchsafe.pure.order import fold
    from vouchsafe.pure.redemption import derive

    register = RegisterReader()
    seen = set()
    for at, (name, facts) in enumerate(facts_table.all_orders()):
        bar.tell("folding orders", at, at)
        seen.add(name)
        findings.add("facts", len(facts))
        order = fold(facts)
        if order is None:
            continue
        projected = derive(order, register)
        rows = {row.item_id(): row for row in projected.rows()}
        findings.add("orders")
        findings.add("redemptions and unmapped discounts", len(rows))
        same = redemptions_table.of_order(name) == rows
        if not same or orders_table.get(name) != (order, projected.business_day):
            findings.differs.append(f"order {name}")
            if mend:
                project(name, register)
        _credits(findings, name, list(rows.values()), register, mend=mend)
    findings.differs += [
        f"order {order.key.text()} has no facts"
        for order, _ in orders_table.all_orders()
        if order.key.text() not in seen
    ]


def _credits(
    findings: Findings,
    name: str,
    rows: "list[Redemption | Unmapped]",
    register: "Register",
    *,
    mend: bool,
) -> None:
    from functions.streams.attribution import handler as attribution
    from vouchsafe.edge import credits_table

    due = {each.item_id: each for each in attribution.verdicts(rows, register)}
    # Under which revision it was judged is not what was judged.
    revision = register.revision()
    held = {
        item_id: replace(each.credit, register_revision=revision)
        for item_id, each in credits_table.of_order(name).items()
    }
    findings.add("credits", len(due))
    if held == due:
        return
    findings.differs.append(f"credit of {name}")
    if mend:
        attribution.handle({"Records": list(_records(name, due.keys() | held.keys()))}, None)


def _records(name: str, items: Iterable[str]) -> Iterator[dict[str, object]]:
    """Stream records as if the redemptions had just changed."""
    for item in sorted(items):
        keys = {"pk": {"S": name}, "sk": {"S": item}}
        yield {"eventName": "MODIFY", "dynamodb": {"Keys": keys, "SequenceNumber": "0"}}


def _sums(findings: Findings, *, mend: bool) -> None:
    """The read models against a recount of all credits."""
    from vouchsafe.edge import credits_table, insight_table
    from vouchsafe.pure.credit import bare, difference, recount

    due = bare(recount(held.credit for held in credits_table.all_credits()))
    held = bare(dict(insight_table.all_rows()))
    findings.add("rows of sums", len(due))
    wrong = difference(due, held)
    findings.differs += [f"sum {key.pk} {key.sk}" for key in sorted(wrong)]
    if wrong and mend:
        insight_table.correct(wrong)


def _files(findings: Findings, bar: Bar) -> None:
    """The published files against the same rows written again."""
    import json
    from datetime import date

    from functions.schedules.export.columns import DATASETS
    from functions.schedules.export.day import files_of, keys_of
    from vouchsafe.edge import reports_bucket

    named = {dataset.name: dataset for dataset in DATASETS}
    for at, key in enumerate(reports_bucket.all_keys("reports/")):
        if not key.endswith("/_manifest.json"):
            continue
        manifest = json.loads(reports_bucket.get(key) or b"{}")
        dataset, day = named[manifest["dataset"]], date.fromisoformat(manifest["day"])
        bar.tell("writing files again", at, at)
        findings.add("files", 2)
        with files_of(dataset, day) as written:
            digests = [written.parquet.sha256, written.csv.sha256]
        if digests != [file["sha256"] for file in manifest["files"]]:
            findings.outdated.append(keys_of(dataset.name, day)[0])


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
