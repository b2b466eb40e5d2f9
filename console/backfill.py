"""Sweeps a window by hand: `make backfill ARGS="square deli 2026-11-01 2026-11-08"`.

Days are UTC, the end is not included; instants with an offset are taken as they are. `--placed`
lists by the time of the sale and not of its last change. A long window is listed a week at a time,
and every page is kept before the next: asked for the same window again it goes on where it stopped,
unless `--anew`. `--watch` shows how far it has come.
"""

import argparse
import sys
import time
from collections.abc import Iterator, Sequence
from datetime import date, datetime, timedelta

from console import stack
from console.progress import Bar


def main(arguments: Sequence[str]) -> int:
    """0 where the window is on its way, or done when watched; 1 for a fault in the arguments."""
    asked = _parser().parse_args(arguments)
    outputs = stack.connected()
    url = outputs.get(stack.queue_of(asked.platform, "sweep"))
    if url is None:
        print(f"{asked.platform} has no sweep queue in this stack", file=sys.stderr)
        return 1
    from vouchsafe.edge import queue
    from vouchsafe.pure.errors import Invalid

    try:
        start, end = _instant(asked.start), _instant(asked.end)
    except Invalid as error:
        print(f"start and end: {error}", file=sys.stderr)
        return 1
    if start >= end:
        print("end must be after start", file=sys.stderr)
        return 1
    by = "placed" if asked.placed else "updated"
    run = datetime.now().strftime("%s") if asked.anew else ""  # noqa: DTZ005 (only a name)
    weeks = list(_weeks(start, end))
    queue.send(
        url,
        [
            {"account": asked.account, "start": begun, "end": over, "by": by, "run": run}
            for begun, over in weeks
        ],
    )
    print(f"{asked.platform} {asked.account}: {start} to {end} is listed by time {by}.")
    jobs = [f"backfill#{by}#{begun}#{over}#{run}" for begun, over in weeks]
    return _watched(asked, jobs) if asked.watch else 0


def _weeks(start: str, end: str) -> Iterator[tuple[str, str]]:
    """Half-open spans of a week at most: what is cut off begins anew with a week and no year."""
    from vouchsafe.pure import instant

    begun, last = instant.parse(start), instant.parse(end)
    while begun < last:
        over = min(begun + timedelta(days=7), last)
        yield instant.text(begun), instant.text(over)
        begun = over


def _watched(asked: argparse.Namespace, jobs: Sequence[str]) -> int:
    from vouchsafe.edge import cursors_table

    with Bar() as bar:
        while True:
            known = [cursors_table.get(asked.platform, asked.account, job) for job in jobs]
            begun = [each for each in known if each]
            done = sum(each.done for each in begun)
            listed = sum(each.listed for each in begun)
            bar.tell(f"weeks done, {listed:,} orders listed", done, len(jobs))
            if done == len(jobs):
                break
            time.sleep(1)
    print(
        f"{listed:,} listed in {sum(each.pages for each in begun):,} pages,"
        f" {sum(each.found for each in begun):,} facts were missing,"
        f" {sum(each.unreadable for each in begun):,} could not be read and are parked."
    )
    return 0


def _instant(text: str) -> str:
    from vouchsafe.pure import instant
    from vouchsafe.pure.errors import Invalid

    try:
        text = f"{date.fromisoformat(text).isoformat()}T00:00:00Z"
    except ValueError:
        if "T" not in text:
            raise Invalid("instant", f"is neither a day nor ISO 8601: {text!r}") from None
    return instant.text(instant.parse(text))


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="make backfill", description=__doc__)
    parser.add_argument("platform")
    parser.add_argument("account")
    parser.add_argument("start")
    parser.add_argument("end")
    parser.add_argument("--placed", action="store_true", help="by the time of the sale")
    parser.add_argument("--anew", action="store_true", help="from the start, not where it stopped")
    parser.add_argument("--watch", action="store_true", help="wait, and show how far it has come")
    return parser


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
