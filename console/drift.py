"""What platforms began to say otherwise: `make drift`, or `make drift ARGS=toast`."""

import argparse
import sys
from collections import Counter
from collections.abc import Sequence

from console import stack


def main(arguments: Sequence[str]) -> int:
    """Always 0: a drift is a task, and no fault of the command."""
    parser = argparse.ArgumentParser(prog="make drift", description=__doc__)
    parser.add_argument("platform", nargs="?", help="one platform only")
    asked = parser.parse_args(arguments)
    stack.connected()
    from vouchsafe.edge import drift_table, parking
    from vouchsafe.pure.drift import drift_of

    waiting: Counter[object] = Counter()
    for key in parking.keys("unreadable/"):
        waiting[drift_of(key, parking.reason_of(key) or "")] += 1
    found = [
        seen for seen in drift_table.everything() if asked.platform in (None, seen.drift.platform)
    ]
    for seen in found:
        drift = seen.drift
        print(f"{drift.platform}: {drift.place} {drift.rule}")
        print(
            f"    {seen.count:,} deliveries, {waiting[drift]:,} of them still parked,"
            f" {seen.first_at:%Y-%m-%d %H:%M} to {seen.last_at:%Y-%m-%d %H:%M} UTC"
        )
        print(f"    sample: {seen.sample}")
    if not found:
        print("No platform says anything otherwise than before.")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
