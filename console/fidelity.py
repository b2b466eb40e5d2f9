"""What the front ends reported of what was confirmed: `make fidelity ARGS="woocommerce shop"`."""

import argparse
import sys
from collections.abc import Iterable, Sequence
from datetime import date

from console import stack
from vouchsafe.pure.fidelity import CodeFidelity, DayFidelity, findings, under_reporting_rate

_USUAL_DAYS = 28
# What is confirmed and reported opens in the ledger; the others are the repair task.
_OPENED = ("missing", "codeless", "no_such_order", "not_confirmed", "other_codes", "repeated")


def main(arguments: Sequence[str]) -> int:
    """0, or 1 where nothing was judged in those days."""
    parser = argparse.ArgumentParser(prog="make fidelity", description=__doc__)
    parser.add_argument("platform")
    parser.add_argument("account")
    parser.add_argument("--since", type=date.fromisoformat, default=date.min, help="first day")
    parser.add_argument("--until", type=date.fromisoformat, default=date.max, help="the last day")
    parser.add_argument("--orders", action="store_true", help="name the orders: the repair task")
    asked = parser.parse_args(arguments)
    stack.connected()
    from vouchsafe.edge import fidelity_table

    found = list(fidelity_table.of_days(asked.platform, asked.account, asked.since, asked.until))
    for result in found[-_USUAL_DAYS:] if asked.since == date.min else found:
        print("".join(f"{line}\n" for line in _told(result, orders=asked.orders)), end="")
    if not found:
        print(f"No day of {asked.platform} {asked.account} was judged then.")
    return 0 if found else 1


def _told(result: DayFidelity, *, orders: bool) -> Iterable[str]:
    rate = under_reporting_rate(result.confirmed(), result.reported())
    yield (
        f"{result.day} {result.front_end}: {result.reported()} of {result.confirmed()} confirmed"
        f" redemptions reported, {rate:.1%} not"
    )
    applied = dict(result.applied)
    for row in result.codes:
        yield f"    {_row(row)}; applied {applied.get(row.code, 0)}"
    if orders:
        for each in findings(result):
            if each.finding in _OPENED:
                yield f"    {each.finding} {each.code} {' '.join(each.orders)}"


def _row(row: CodeFidelity) -> str:
    place = f" at {row.location_id}" if row.location_id else ""
    return (
        f"{row.code}{place}: {row.reported} of {row.confirmed} reported,"
        f" {len(row.missing)} missing, {len(row.codeless)} without the code"
    )


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
