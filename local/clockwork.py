"""What the clock sets off, set off by hand for the days of a world: messages on the same queues."""

import json
from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta

from local.aws import LocalAws
from local.cast import PARTS
from local.dealing import PLATFORMS, SHOPS, Shop
from local.journey import starts
from local.world import World


def sweep(aws: LocalAws, world: World) -> None:
    """Asks every platform for what changed in the window, and a day on: a backfill."""
    start, end = starts(world.first), starts(world.last + timedelta(days=2))
    for shop in SHOPS:
        ask(aws, shop, start, end)


def ask(aws: LocalAws, shop: Shop, start: datetime, end: datetime) -> None:
    """Asks one account for what changed in a span: a backfill."""
    span = {"start": _text(start), "end": _text(end)}
    _send(aws, f"{_camel(shop.platform)}SweepQueue", [{"account": shop.account, **span}])


def look_after(aws: LocalAws) -> None:
    """Sweeps, as the clock does it, every account of platforms that show which webhooks they have.

    The first such sweep of an account is only the beginning of the next; it looks at nothing.
    """
    for shop in SHOPS:
        if PARTS[shop.platform].shows_webhooks:
            _send(aws, f"{_camel(shop.platform)}SweepQueue", [{"account": shop.account}])


def reconcile(aws: LocalAws, world: World, period: str) -> None:
    """Asks every till for its own list of every day; their arrival sets the comparison off."""
    span = {"first": world.first.isoformat(), "last": world.last.isoformat()}
    for platform in PLATFORMS:
        _send(aws, f"{_camel(platform)}StatementQueue", [{"period": period, **span}])


def export(aws: LocalAws, world: World) -> None:
    """Writes the files of every day."""
    days = [world.first + timedelta(days=at) for at in range(world.days)]
    _send(aws, "ExportQueue", [{"day": day.isoformat()} for day in days])


def workbook(aws: LocalAws, world: World) -> None:
    """Writes the weekly reconciliation as a workbook."""
    span = {"first": world.first.isoformat(), "last": world.last.isoformat()}
    _send(aws, "ExportQueue", [{"workbook": "weekly", **span}])


def _send(aws: LocalAws, queue: str, messages: Iterable[Mapping[str, str]]) -> None:
    client = aws.client("sqs")
    for message in messages:
        client.send_message(QueueUrl=aws.outputs[queue], MessageBody=json.dumps(message))


def _text(at: datetime) -> str:
    return at.isoformat(timespec="seconds").replace("+00:00", "Z")


def _camel(platform: str) -> str:
    return "".join(part.capitalize() for part in platform.split("_"))
