"""Drives parked deliveries again, after a reader was mended: `make replay ARGS="shopify"`.

`--place` drives those only that broke a rule at one field, as `make drift` names it; `--account`
those of one account. Without a platform it lists what is parked, by reason and platform.
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
    parser.add_argument("--place", help="a field's path without its numbers: checks[].amount")
    parser.add_argument("--account", help="one account only")
    asked = parser.parse_args(arguments)
    outputs = stack.connected()
    if asked.platform is None:
        return _listed()
    url = outputs.get(stack.queue_of(asked.platform, "replay"))
    if url is None:
        print(f"{asked.platform} has no replay queue in this stack", file=sys.stderr)
        return 1
    account = f"{asked.account}/" if asked.account else ""
    return _sent(url, f"{asked.reason}/{asked.platform}/{account}", asked.place)


def _listed() -> int:
    from vouchsafe.edge import parking

    parked = Counter("/".join(key.split("/")[:2]) for key in parking.keys(""))
    for place, number in sorted(parked.items()):
        print(f"{number:>7,} {place}")
    if not parked:
        print("Nothing is parked.")
    return 0


def _sent(url: str, prefix: str, place: str | None) -> int:
    from vouchsafe.edge import parking, queue
    from vouchsafe.pure.drift import drift_of

    keys: list[str] = []
    reasons: Counter[str] = Counter()
    for key in parking.keys(prefix):
        reason = parking.reason_of(key) or ""
        drift = drift_of(key, reason)
        if place is None or (drift is not None and drift.place == place):
            keys.append(key)
            reasons[reason] += 1
    queue.send(url, [{"parked": key} for key in keys])
    print(f"{len(keys):,} parked deliveries are driven again.")
    for reason, number in reasons.most_common(10):
        print(f"{number:>7,} were parked because {json.dumps(reason)}")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
