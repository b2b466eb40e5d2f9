"""The replay: a window of real sales through the deployed stack, from webhook to report."""

import os
import secrets
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from local import (
    books,
    clockwork,
    compare,
    contacts,
    fidelity,
    front_end,
    gaps,
    outcome,
    register,
    tellers,
)
from local.aws import LocalAws
from local.cast import PARTS
from local.dealing import SHOPS, Shop, locations, place
from local.deliver import deliver, parcels, webhook_url
from local.marketing import Marketing
from local.outcome import Outcome
from local.packages import ROOT
from local.recount import recount
from local.settle import dead_letters, settle
from local.steps import Steps
from local.tables import items
from local.till import Sale
from local.vendors import server, slack
from local.vendors.exchange import Desk, Subscribable
from local.vendors.slack import Channel
from local.world import World

FOLDER = ROOT / ".local"
# The stand-ins take more calls a second than a real vendor: the rooms' own pace is for those.
CALLS_A_SECOND = "100"
SLACK_PATIENCE_S = 60.0


class NotLoaded(Exception):
    """The register's files were refused; the message holds what the loader said."""


@dataclass(frozen=True, slots=True)
class Asked:
    """What of the year is to be replayed, how it is shuffled, and where the results go."""

    first: date
    days: int
    seed: int
    out: Path
    folder: Path = FOLDER
    one_in: int = 1


@contextmanager
def vendors(made: World, channel: Channel, api_url: str) -> Iterator[str]:
    """The stand-ins for the vendors' APIs, serving a world's sales; their address. Whoever shows
    its webhooks has those for the API at `api_url`."""
    by_shop: dict[str, list[Sale]] = {shop.account: [] for shop in SHOPS}
    for sale in made.sales:
        by_shop[place(sale.store).shop.account].append(sale)
    desks: dict[str, Desk] = {
        f"/{shop.platform}/{shop.account}": PARTS[shop.platform].desk(shop, by_shop[shop.account])
        for shop in SHOPS
    }
    for shop in SHOPS:
        desk = desks[f"/{shop.platform}/{shop.account}"]
        if isinstance(desk, Subscribable):
            desk.subscribe(webhook_url(api_url, shop.platform, shop.account))
    desks |= tellers.desks(contacts.of(made))
    desks |= front_end.desks(made.sales)
    with server.serving({**desks, "/slack": channel}) as address:
        yield address


def connect(aws: LocalAws, address: str, made: World) -> None:
    """Keeps every shop's connection, the identity key and Slack's webhook as secrets."""
    for shop in SHOPS:
        told = connection(shop, aws.api_url, address, locations(shop, made.stores()))
        aws.put_secret(f"{shop.platform}/{shop.account}", told)
    others = (tellers.connections, front_end.connections)
    for name, secret in (pair for each in others for pair in each(address, CALLS_A_SECOND).items()):
        aws.put_secret(name, secret)
    aws.put_secret("identity", secrets.token_hex(32))
    aws.put_secret("slack/default", f"{address}/slack{slack.PATH}")


def connection(
    shop: Shop, api_url: str, address: str, places: Sequence[str]
) -> Mapping[str, object]:
    """The secret of one shop, as the README tells a user to write it."""
    api = f"{address}/{shop.platform}/{shop.account}"
    return {
        "signing_keys": PARTS[shop.platform].signing_keys(shop),
        "shop": shop.shop,
        "notification_url": webhook_url(api_url, shop.platform, shop.account),
        "api_url": api,
        "api_key": shop.api_key,
        "api_secret": shop.api_secret,
        "options": {"calls_a_second": CALLS_A_SECOND, **PARTS[shop.platform].options(api, places)},
    }


def environment(aws: LocalAws) -> dict[str, str]:
    """What a command for people needs to speak to the local stack."""
    return {
        "AWS_ENDPOINT_URL": aws.endpoint,
        "AWS_ACCESS_KEY_ID": "test",
        "AWS_SECRET_ACCESS_KEY": "test",
        "AWS_DEFAULT_REGION": "eu-west-1",
    }


class Replay:
    """One run over a deployed stack with its vendors; each method is a step of it."""

    def __init__(self, asked: Asked, made: World, aws: LocalAws, steps: Steps) -> None:
        self._asked = asked
        self._world = made
        self._aws = aws
        self._steps = steps
        self._contacts = contacts.of(made)
        self._marketing = Marketing(self._contacts, aws, steps, asked.seed)

    def run(self, channel: Channel) -> Outcome:
        """The whole way, and what came of it."""
        self._load()
        self._marketing.ask_salesforce()
        self._marketing.post()
        result = self._deliver()
        self._settle("Waiting until the ledger has come to rest")
        self._marketing.post_late()
        result.before = self._reconcile("daily", "Comparing with the tills' own lists")
        result.swept = self._sweep()
        result.webhooks = self._look_after()
        result.after = self._reconcile("weekly", "Comparing with the tills' lists once more")
        self._ask_pages()
        result.fidelity = self._hold_pages()
        self._export()
        self._hear_slack(result, channel)
        self._judge(result)
        return result

    @property
    def _register(self) -> Path:
        return self._asked.folder / "register"

    def _load(self) -> None:
        with self._steps.step("Loading the register") as step:
            files = register.write(self._world, self._contacts, self._register)
            command = [sys.executable, "-m", "console.load", str(self._register)]
            done = subprocess.run(
                command,
                cwd=ROOT,
                env={**os.environ, **environment(self._aws)},
                capture_output=True,
                text=True,
                check=False,
            )
            if done.returncode != 0:
                raise NotLoaded(f"the register was not loaded:\n{done.stdout}{done.stderr}")
            step.result = f"{len(files)} files from {self._register}"

    def _deliver(self) -> Outcome:
        queue = parcels(self._world, self._asked.seed)
        with self._steps.step("Sending the platforms' webhooks", len(queue)) as step:
            receipt = deliver(queue, self._aws.api_url, step.advance)
            rate = receipt.sent / max(receipt.seconds, 0.001)
            step.result = (
                f"{receipt.sent} deliveries, {rate:.0f} a second,"
                f" half of them answered within {receipt.wait_ms(0.5)} ms"
            )
        return Outcome(self._world, receipt)

    def _settle(self, title: str) -> None:
        with self._steps.step(title) as step:
            settle(self._aws, step.tell)

    def _reconcile(self, period: str, title: str) -> books.Reconciled:
        with self._steps.step(title) as step:
            clockwork.reconcile(self._aws, self._world, period)
            settle(self._aws, step.tell)
            found = books.reconciled(self._aws, period)
            step.result = f"{found.till_orders} orders; " + (
                ", ".join(f"{count} {kind}" for kind, count in found.breaks.items()) or "no break"
            )
        return found

    def _sweep(self) -> int:
        with self._steps.step("Sweeping for what the webhooks lost") as step:
            clockwork.sweep(self._aws, self._world)
            self._marketing.ask_loyalty()
            settle(self._aws, step.tell)
            found = outcome.swept(self._aws)
            step.result = f"{found} facts that no webhook had told"
        return found

    def _look_after(self) -> list[gaps.Found]:
        with self._steps.step("Looking after the webhooks themselves") as step:
            # The second sweep of an account by the clock is the first that looks.
            for _ in range(2):
                clockwork.look_after(self._aws)
                settle(self._aws, step.tell)
            found = gaps.found(self._aws)
            step.result = "; ".join(each.said() for each in found) or "all of them on"
        return found

    def _ask_pages(self) -> None:
        with self._steps.step("Asking what browsers reported") as step:
            clockwork.ask_pages(self._aws, self._world)
            settle(self._aws, step.tell)
            # The clock's own sweep covers the days' settling time, which the comparison waits for.
            clockwork.ask_by_clock(self._aws, front_end.PROPERTY)
            settle(self._aws, step.tell)
            step.result = f"{sum(1 for _ in items(self._aws, 'Sightings'))} sightings"

    def _hold_pages(self) -> fidelity.Held:
        with self._steps.step("Holding what browsers reported against the ledger") as step:
            clockwork.hold_pages(self._aws, self._world)
            settle(self._aws, step.tell)
            held = fidelity.held(self._aws)
            step.result = (
                f"{held.all('reported')} of {held.all('confirmed')} redemptions,"
                f" on {held.days} days of {len(front_end.REPORTING)} shops"
            )
        return held

    def _export(self) -> None:
        with self._steps.step("Writing the reports") as step:
            clockwork.export(self._aws, self._world)
            settle(self._aws, step.tell)
            clockwork.workbook(self._aws, self._world)
            settle(self._aws, step.tell)
            files = _download(self._aws, self._asked.out / "reports")
            step.result = f"{files} files in {self._asked.out / 'reports'}"

    def _hear_slack(self, result: Outcome, channel: Channel) -> None:
        with self._steps.step("Waiting for Slack's alarm"):
            end = time.monotonic() + SLACK_PATIENCE_S
            while time.monotonic() < end:
                result.posted = channel.posted()
                if result.leak_messages() or not self._world.leak:
                    return
                time.sleep(0.2)

    def _judge(self, result: Outcome) -> None:
        with self._steps.step("Counting again, straight from the data set") as step:
            everywhere = contacts.write(self._contacts, self._asked.folder / "contacts").parent
            result.counted = recount(self._world, everywhere)
            reports = self._asked.out / "reports"
            result.verdicts = compare.verdicts(result.counted, self._aws, reports)
            if not all(each.equal for each in result.verdicts):
                # On a busy machine a stream may have been silent for longer than settle waits.
                settle(self._aws, step.tell)
                result.verdicts = compare.verdicts(result.counted, self._aws, reports)
            outcome.collect(result, self._aws)
            result.marketing = self._marketing.kept()
            result.dead = dead_letters(self._aws)
            compared = sum(each.compared for each in result.verdicts)
            equal = all(each.equal for each in result.verdicts)
            step.result = f"{compared} figures, {'all equal' if equal else 'NOT equal'}"


def _download(aws: LocalAws, folder: Path) -> int:
    """Brings every report to a folder of this machine; how many."""
    shutil.rmtree(folder, ignore_errors=True)
    client, bucket = aws.client("s3"), aws.outputs["ReportsBucket"]
    keys = [
        each["Key"]
        for page in client.get_paginator("list_objects_v2").paginate(Bucket=bucket)
        for each in page.get("Contents", ())
    ]
    for key in keys:
        path = folder / key
        path.parent.mkdir(parents=True, exist_ok=True)
        client.download_file(bucket, key, str(path))
    return len(keys)
