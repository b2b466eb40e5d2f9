"""`make run` in small: a tenth of the households, two days, the whole way, counted again."""

import json
import subprocess
import sys
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest

from local import contacts, injections, marketing, world
from local.deliver import parcels
from local.front_end import REPORTING
from local.packages import ROOT
from local.recount import FINDINGS
from local.run import SEED
from local.world import World

pytestmark = pytest.mark.local
FIRST, DAYS, ONE_IN = date(2017, 11, 18), 2, 10


@dataclass(frozen=True)
class Run:
    """What a run left behind."""

    status: int
    said: str
    out: Path
    log: Path
    report: dict[str, Any]

    @property
    def figures(self) -> dict[str, int]:
        """What the stack says, by name."""
        return dict(self.report["figures"])

    @property
    def counted(self) -> dict[str, int]:
        """What the recount says, by name."""
        return dict(self.report["recount"]["counted"])


@pytest.fixture(scope="module")
def made() -> World:
    """The same window as the run's."""
    return world.build(FIRST, DAYS, ONE_IN)


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Run:
    folder = tmp_path_factory.mktemp("run")
    window = ["--start", FIRST.isoformat(), "--days", str(DAYS), "--one-in", str(ONE_IN)]
    places = ["--out", str(folder / "out"), "--folder", str(folder / "stack")]
    done = subprocess.run(
        [sys.executable, "-m", "local.run", *window, *places, "--no-stay"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    path = folder / "out" / "run.json"
    report = json.loads(path.read_text()) if path.exists() else {}
    return Run(
        status=done.returncode,
        said=done.stdout + done.stderr,
        out=folder / "out",
        log=folder / "stack" / "aws" / "log.txt",
        report=report,
    )


def test_it_ends_green(run: Run) -> None:
    assert run.report.get("faults") == [], run.said
    assert run.status == 0


def test_everything_equals_the_recount(run: Run) -> None:
    sides = run.report["recount"]["sides"]
    compared = {side: said["compared"] for side, said in sides.items()}

    assert run.report["recount"]["equal"] is True
    assert sum(compared.values()) == run.figures["figures_compared"]
    reported = [name for name in run.counted if name.startswith("fidelity.")]
    assert compared.pop("fidelity") == len(reported) > 20
    assert compared.keys() == {"ledger", "read models", "exported Parquet", "exported CSV"}
    assert all(figures > 50 for figures in compared.values())


def test_every_figure_has_a_name(run: Run, made: World) -> None:
    figures, counted = run.figures, run.counted

    assert figures["orders"] == counted["orders"] == len(made.sales) > 100
    assert figures["redemptions_confirmed"] == counted["redemptions.confirmed"]
    assert figures["discount_minor"] == counted["redemptions.discount_minor"]
    leaked = counted["injected.redemptions.confirmed"]
    assert figures["orders_injected"] == leaked == injections.LEAK_USES
    assert figures["redemptions_confirmed"] >= leaked
    assert figures["discount_minor"] >= leaked * injections.LEAK_DISCOUNT


def test_the_leak_raises_its_alarm(run: Run) -> None:
    assert run.report["figures"]["alarms_on_the_leak"] == 1
    assert run.report["figures"]["slack_messages"] >= 1


def test_forgeries_are_refused_and_the_sweep_finds_what_was_lost(run: Run, made: World) -> None:
    figures = run.figures

    forged = [each for each in parcels(made, int(SEED)) if each.forged]
    assert figures["deliveries_refused"] == len(forged) > 50
    lost, silent = (
        figures[f"missing_before_the_sweep_at_tills_{which}"]
        for which in ("that_call", "that_never_call")
    )
    assert lost == figures["orders_lost_on_the_way"] > 0
    assert silent == figures["orders_of_tills_that_never_call"] > 0
    assert figures["breaks_before_the_sweep_missing_in_ledger"] == lost + silent
    assert "breaks_after_the_sweep_missing_in_ledger" not in figures
    assert figures["facts_found_by_sweeps"] > 0


def test_a_webhook_that_was_switched_off_is_made_again(run: Run) -> None:
    assert run.report["figures"]["webhooks_made_again"] == 1
    assert "journey-north: order.updated, made again" in run.said


def test_contacts_are_posted_and_swept_and_forged_ones_refused(run: Run, made: World) -> None:
    figures = run.figures

    assert figures["contacts_posted"] == 63
    assert figures["codes_given_by_salesforce"] == 304
    assert figures["contacts_of_the_register"] == 40
    assert figures["visits_just_now"] == marketing.BEACONS
    forged = list(marketing.forgeries(contacts.of(made), datetime.now(UTC)))
    assert figures["contacts_refused"] == len(forged) > 10


def test_what_browsers_reported_is_held_against_the_ledger(run: Run) -> None:
    told = {shop.account: reported(run, shop.account) for shop in REPORTING}

    for account, found in told.items():
        shop = f"fidelity.shop.woocommerce/{account}"
        assert found == {each: run.counted.get(f"{shop}.{each}", 0) for each in FINDINGS}
        assert found["confirmed"] == found["reported"] + found["missing"] + found["codeless"]
    for each in ("reported", "missing", "codeless", "applied", "repeated"):
        assert sum(found[each] for found in told.values()) > 0, each
    assert "What the browsers reported" in run.said


def reported(run: Run, account: str) -> dict[str, int]:
    """What the stack says of a shop's pages, by finding."""
    name = f"pages_of_{account.replace('-', '_')}"
    return {each: run.figures[f"{name}_{each}"] for each in FINDINGS}


def test_finance_finds_its_reports(run: Run) -> None:
    reports = run.out / "reports"

    assert list(reports.rglob("redemptions.parquet"))
    assert list(reports.rglob("redemptions.csv"))
    assert list(reports.rglob("fidelity.parquet"))
    assert list(reports.rglob("reconciliation.xlsx"))


def test_it_says_where_everything_is(run: Run) -> None:
    assert run.report["endpoints"].keys() == {"aws", "api", "vendors"}
    assert {"facts", "orders", "redemptions"} <= run.report["tables"].keys()
    assert {"parked", "reports", "statements"} <= run.report["buckets"].keys()


def test_no_personal_data_is_in_what_it_leaves(run: Run) -> None:
    left = [path for path in run.out.rglob("*") if path.suffix in {".csv", ".json"}]

    for path in [*left, run.log]:
        told = path.read_text(errors="replace")
        assert "@example.com" not in told
        assert "Journey Street" not in told
        assert "Household" not in told
