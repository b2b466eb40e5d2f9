"""A run is green only if nothing differs, and says in words what does."""

import io
from pathlib import Path

import pytest
from rich.console import Console

from local import summary
from local.books import Reconciled
from local.compare import Verdict
from local.deliver import Receipt
from local.fidelity import Held
from local.gaps import Found
from local.outcome import Alarm, Outcome, figures
from local.vendors.slack import Posted
from local.world import World

MENDED = Found("woocommerce", "journey-north", "order.updated", "made_again", "it was disabled")


REPORTED = {
    "fidelity.shop.woocommerce/journey-north.confirmed": 2,
    "fidelity.shop.woocommerce/journey-north.reported": 2,
    "fidelity.shop.woocommerce/journey-north.no_such_order": 1,
    "fidelity.shop.woocommerce/journey-south.confirmed": 8,
    "fidelity.shop.woocommerce/journey-south.reported": 5,
    "fidelity.shop.woocommerce/journey-south.missing": 2,
    "fidelity.shop.woocommerce/journey-south.codeless": 1,
    "fidelity.shop.woocommerce/journey-south.not_confirmed": 1,
}


@pytest.fixture
def green(window: World) -> Outcome:
    """A run without a fault."""
    leak = window.leak
    assert leak is not None
    spelt = leak.code.replace("0", "O")
    return Outcome(
        world=window,
        receipt=Receipt(sent=100, refused=8),
        alarms=[Alarm(f"spike:{spelt}", "spike", leak.code, "2017-11-18", "open", 48, 4800)],
        posted=[Posted(f"Alarm: {spelt}", {})],
        before=Reconciled(100, 91, {"missing_in_ledger": 9}, {"square": 2, "upserve": 7}),
        after=Reconciled(100, 100, {"unmapped_discount": 7}),
        uncalled=7,
        webhooks=[MENDED],
        fidelity=Held(window.days * 2, REPORTED),
        verdicts=[Verdict("ledger", 464, ())],
    )


def printed(outcome: Outcome) -> str:
    console = Console(file=io.StringIO(), width=120)
    summary.show(outcome, Path("/somewhere"), console)
    assert isinstance(console.file, io.StringIO)
    return console.file.getvalue()


def test_a_run_without_a_fault_is_green(green: Outcome) -> None:
    assert green.faults() == []
    assert "Equal to the cent" in printed(green)


def test_a_difference_is_shown_with_both_sides(green: Outcome) -> None:
    green.verdicts = [Verdict("ledger", 464, ("orders: counted 2157, found 2156",))]

    assert green.faults() == ["ledger: orders: counted 2157, found 2156"]
    assert "counted 2157, found 2156" in printed(green)


def test_a_leak_without_its_alarm_is_a_fault(green: Outcome) -> None:
    green.alarms, green.posted = [], []

    assert [fault.split(" for ")[0] for fault in green.faults()] == [
        "no alarm was raised",
        "Slack was not told of the leaked code",
    ]


def test_what_the_sweep_did_not_find_is_a_fault(green: Outcome) -> None:
    green.after = Reconciled(100, 99, {"missing_in_ledger": 1})

    assert green.faults() == ["1 orders are still missing after the sweep"]


def test_orders_of_tills_that_never_call_are_counted_apart(green: Outcome) -> None:
    assert green.before is not None
    assert (green.before.missing_at(calls=True), green.before.missing_at(calls=False)) == (2, 7)
    assert "orders of tills that never call" in printed(green)


def test_the_webhook_that_was_switched_off_is_shown(green: Outcome) -> None:
    assert "journey-north: order.updated, made again" in printed(green)


def test_a_webhook_that_is_not_made_again_is_a_fault(green: Outcome) -> None:
    green.webhooks = []

    assert green.faults() == [
        "the webhook order.updated of journey-north was switched off, and is not made again"
    ]


def test_any_other_webhook_that_is_off_is_a_fault(green: Outcome) -> None:
    green.webhooks.append(Found("square", "journey-square", "order.updated", "missing", "gone"))

    assert green.faults() == ["a webhook: journey-square: order.updated, missing (gone)"]


def test_what_the_browsers_left_out_is_shown_by_shop(green: Outcome) -> None:
    lines = [line.split() for line in printed(green).splitlines() if "journey-" in line]

    assert ["journey-north", "2", "2", "0.0%", "0", "0", "1", "0"] in lines
    assert ["journey-south", "8", "5", "37.5%", "2", "1", "0", "1"] in lines
    assert figures(green)["pages_of_journey_south_under_reporting_millionths"] == 375_000
    assert figures(green)["pages_of_journey_south_missing"] == 2


def test_a_day_that_was_not_held_against_the_ledger_is_a_fault(green: Outcome) -> None:
    green.fidelity = Held(9, REPORTED)

    assert green.faults() == ["9 of 10 days of shops were held against what browsers reported"]


def test_dead_letters_and_surprises_are_faults(green: Outcome) -> None:
    green.dead = {"SquareDeadLetters": 1}
    green.receipt.surprises.append("square, genuine: answered 500")

    assert len(green.faults()) == 2
