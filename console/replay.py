"""Drives parked deliveries again, after a reader was mended: `make replay ARGS="shopify"`.

Without a platform it lists what is parked, by reason and platform.
"""

import argparse
import json
import sys
from collections import Counter
from collections.abc import Sequence

from console import stack


def main(arguments: Sequence[str]) -> int:
    """0 where all that was asked for is on its way; 1 where the platform has no replay queue."""
    parser = argparse.ArgumentParser(prog="make replay", description=__doc__)
    parser.add_argument("platform", nargs="?", help="shopify, square, woocommerce, ...")
    parser.add_argument("--reason", choices=("unreadable", "unavailable"), default="unreadable")
    asked = parser.parse_args(arguments)
    outputs = stack.connected()
    if asked.platform is None:
        return _listed()
    url = outputs.get(f"{asked.platform.capitalize()}ReplayQueue")
    if url is None:
        print(f"{asked.platform} has no replay queue in this stack", file=sys.stderr)
        return 1
    return _sent(url, f"{asked.reason}/{asked.platform}/")


def _listed() -> int:
    from vouchsafe.edge import parking

    parked = Counter("/".join(key.split("/")[:2]) for key in parking.keys(""))
    for place, number in sorted(parked.items()):
        print(f"{number:>7,} {place}")
    if not parked:
        print("Nothing is parked.")
    return 0


def _sent(url: str, prefix: str) -> int:
    from vouchsafe.edge import parking, queue

    keys = list(parking.keys(prefix))
    reasons: Counter[str] = Counter()
    for key in keys:
        reasons[parking.reason_of(key)] += 1
    queue.send(url, [{"parked": key} for key in keys])
    print(f"{len(keys):,} parked deliveries are driven again.")
    for reason, number in reasons.most_common(10):
        print(f"{number:>7,} were parked because {json.dumps(reason)}")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
