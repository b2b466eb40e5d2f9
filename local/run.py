"""`make run`: real sales through the whole product on this machine, counted again at the end.

`DAYS=7 START=2017-11-02 make run` takes another window. The exit code is 0 where everything that
the stack says equals the recount; on a terminal the stack then stays up until Ctrl-C.
"""

import argparse
import os
import sys
import time
from collections.abc import Sequence
from contextlib import ExitStack
from datetime import date
from pathlib import Path

from rich.console import Console
from rich.markup import escape

from local import outcome, replay, summary, world
from local.aws import LocalAws, LocalAwsFailed
from local.packages import ROOT, CannotBuild
from local.replay import FOLDER, Asked, NotLoaded, Replay
from local.settle import NotSettled
from local.steps import Steps
from local.vendors.slack import Channel

# Five days with an overpaid basket, a code of two campaigns, and the last day of a campaign.
START = "2017-11-15"
DAYS = "5"
SEED = "20171115"
GREEN, RED = 0, 1
LOG_WIDTH = 110


def main(arguments: Sequence[str]) -> int:
    """0 where the run is green, 1 with the differences where it is not."""
    options = _options(arguments)
    # A log has no width of its own.
    console = Console(highlight=False, width=None if sys.stdout.isatty() else LOG_WIDTH)
    asked = Asked(
        first=options.start,
        days=options.days,
        seed=options.seed,
        out=options.out.resolve(),
        folder=options.folder.resolve(),
        one_in=options.one_in,
    )
    try:
        with ExitStack() as stack:
            result, aws = _replayed(asked, console, stack)
            outcome.write(result, aws, asked.out / "run.json")
            summary.show(result, asked.out, console)
            if options.stay:
                _stay(console)
    except (LocalAwsFailed, CannotBuild, NotLoaded, NotSettled, FileNotFoundError) as reason:
        console.print(f"[red]The run was broken off:[/] {escape(str(reason))}")
        return RED
    except KeyboardInterrupt:
        console.print("Broken off.")
        return RED
    return RED if result.faults() else GREEN


def _replayed(asked: Asked, console: Console, stack: ExitStack) -> tuple[outcome.Outcome, LocalAws]:
    steps, channel = Steps(console), Channel()
    with steps.step("Reading the sales") as step:
        made = world.build(asked.first, asked.days, asked.one_in)
        step.result = f"{len(made.sales)} orders, {made.first} to {made.last}"
    with steps.step("Starting the local AWS and deploying the template"):
        aws = stack.enter_context(LocalAws(asked.folder / "aws", enforce=True))
        aws.deploy()
    address = stack.enter_context(replay.vendors(made, channel, aws.api_url))
    replay.connect(aws, address, made)
    result = Replay(asked, made, aws, steps).run(channel)
    result.endpoints = {"aws": aws.endpoint, "api": aws.api_url, "vendors": address}
    result.reports = {
        "folder": str(asked.out / "reports"),
        "bucket": aws.outputs["ReportsBucket"],
        "api": f"{aws.api_url}/reports",
    }
    result.variables = replay.environment(aws)
    result.seconds = steps.seconds
    return result, aws


def _stay(console: Console) -> None:
    console.print("\nThe stack stays up until you press [bold]Ctrl-C[/].")
    try:
        while True:
            time.sleep(3600)
    except KeyboardInterrupt:
        console.print("Stopping.")


def _options(arguments: Sequence[str]) -> argparse.Namespace:
    told = os.environ
    parser = argparse.ArgumentParser(prog="make run", description="Replays real sales.")
    parser.add_argument("--start", type=date.fromisoformat, default=told.get("START") or START)
    parser.add_argument("--days", type=int, default=told.get("DAYS") or DAYS)
    parser.add_argument("--seed", type=int, default=told.get("SEED") or SEED)
    parser.add_argument("--one-in", type=int, default=1, help="one household in so many")
    parser.add_argument("--out", type=Path, default=ROOT / "out")
    parser.add_argument("--folder", type=Path, default=FOLDER, help="where the stack keeps itself")
    parser.add_argument(
        "--stay",
        action=argparse.BooleanOptionalAction,
        default=sys.stdout.isatty(),
        help="keep the stack up when the summary has been shown",
    )
    found = parser.parse_args(arguments)
    last = date(2017, 12, 31)
    if found.days < 1 or not date(2017, 1, 1) <= found.start <= last:
        parser.error("the data set holds the shop days of 2017, and at least one is needed")
    found.days = min(found.days, (last - found.start).days + 1)
    return found


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
