"""What webhooks left out and sweeps found: `make gaps ARGS="square kew"`."""

import argparse
import sys
from collections.abc import Sequence

from console import stack


def main(arguments: Sequence[str]) -> int:
    """Always 0: a gap that is listed is closed."""
    parser = argparse.ArgumentParser(prog="make gaps", description=__doc__)
    parser.add_argument("platform")
    parser.add_argument("account")
    parser.add_argument("--orders", action="store_true", help="name the orders, fifty at most")
    asked = parser.parse_args(arguments)
    stack.connected()
    from vouchsafe.edge import cursors_table

    found = list(cursors_table.gaps(asked.platform, asked.account))
    for at, gap, told in found:
        print(
            f"{at:%Y-%m-%d %H:%M} UTC: {gap.missed:,} of {gap.listed:,} missed, {gap.why},"
            f" between {gap.since:%Y-%m-%d %H:%M} and {gap.until:%Y-%m-%d %H:%M}"
            f"{'' if told else ', not told yet'}"
        )
        for wish in gap.subscriptions:
            print(f"    {wish.event}: {wish.state.replace('_', ' ')} {wish.why}".rstrip())
        if asked.orders:
            print("".join(f"    {order}\n" for order in gap.orders), end="")
    if not found:
        print(f"No webhook of {asked.platform} {asked.account} was missed since it is swept.")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
