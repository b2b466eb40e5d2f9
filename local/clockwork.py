"""What the clock sets off, set off by hand for the days of a world: messages on the same queues."""

import json
from collections.abc import Iterable, Mapping
from datetime import date, datetime, timedelta

from local.aws import LocalAws
from local.cast import PARTS
from local.dealing import PLATFORMS, SHOPS, Shop
from local.front_end import PROPERTY, REPORTING
from local.journey import starts
from local.world import World


def sweep(aws: LocalAws, world: World) -> None:
    """Asks every platform for what changed in the window, and a day on: a backfill."""
    for shop in SHOPS:
        ask(aws, shop, *_window(world))


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
            ask_by_clock(aws, shop)


def ask_pages(aws: LocalAws, world: World) -> None:
    """Asks the front end for what browsers reported in the window, and a day on: a backfill."""
    ask(aws, PROPERTY, *_window(world))


def ask_by_clock(aws: LocalAws, shop: Shop) -> None:
    """Sweeps one account from where its last such sweep ended until now, as the clock does it."""
    _send(aws, f"{_camel(shop.platform)}SweepQueue", [{"account": shop.account}])


def hold_pages(aws: LocalAws, world: World) -> None:
    """Holds every day of every shop that has pages against what browsers reported of it."""
    for shop in REPORTING:
        told = {"platform": shop.platform, "account": shop.account}
        _send(aws, "FidelityQueue", [{**told, "day": day.isoformat()} for day in _days(world)])


def reconcile(aws: LocalAws, world: World, period: str) -> None:
    """Asks every till for its own list of every day; their arrival sets the comparison off."""
    span = {"first": world.first.isoformat(), "last": world.last.isoformat()}
    for platform in PLATFORMS:
        _send(aws, f"{_camel(platform)}StatementQueue", [{"period": period, **span}])


def export(aws: LocalAws, world: World) -> None:
    """Writes the files of every day."""
    _send(aws, "ExportQueue", [{"day": day.isoformat()} for day in _days(world)])


def workbook(aws: LocalAws, world: World) -> None:
    """Writes the weekly reconciliation as a workbook."""
    span = {"first": world.first.isoformat(), "last": world.last.isoformat()}
    _send(aws, "ExportQueue", [{"workbook": "weekly", **span}])


def _window(world: World) -> tuple[datetime, datetime]:
    return starts(world.first), starts(world.last + timedelta(days=2))


def _days(world: World) -> list[date]:
    return [world.first + timedelta(days=at) for at in range(world.days)]


def _send(aws: LocalAws, queue: str, messages: Iterable[Mapping[str, str]]) -> None:
    client = aws.client("sqs")
    for message in messages:
        client.send_message(QueueUrl=aws.outputs[queue], MessageBody=json.dumps(message))


def _text(at: datetime) -> str:
    return at.isoformat(timespec="seconds").replace("+00:00", "Z")


def _camel(platform: str) -> str:
    return "".join(part.capitalize() for part in platform.split("_"))
