"""The product's rooms and its fold over the replay's own deliveries come to the recount's figures.

The same comparison as at the end of `make run`, without a stack: what differs here is a reader, the
fold or the recount, and nothing that travels.
"""

from collections import Counter
from pathlib import Path

import pytest

from local import compare, recount
from local.contacts import Contact
from local.world import World
from tests.local_data import heard, product
from vouchsafe.pure.redemption import Projected

Sums = Counter[str]


@pytest.fixture(scope="module")
def derived(window: World, files: Path) -> dict[str, Projected]:
    return product.projected(window, files)


@pytest.fixture(scope="module")
def figures(window: World, everywhere: Path) -> dict[str, int]:
    return recount.recount(window, everywhere)


def part(figures: dict[str, int], *prefixes: str) -> dict[str, int]:
    return {name: value for name, value in figures.items() if name.startswith(prefixes)}


def test_every_sale_becomes_one_order(window: World, derived: dict[str, Projected]) -> None:
    assert len(derived) == len(window.sales)


def test_orders_agree(derived: dict[str, Projected], figures: dict[str, int]) -> None:
    sums: Sums = Counter()
    for each in derived.values():
        order = each.order
        account = f"{order.key.platform}/{order.key.account}"
        place = f"{account}/{order.location_id or ''}"
        for prefix in ("", f".account.{account}", f".place.{place}", f".day.{each.business_day}"):
            sums[f"orders{prefix}"] += 1
            sums[f"orders{prefix}.gross_minor"] += order.gross_minor
            sums[f"orders{prefix}.discount_minor"] += order.discount_minor
            sums[f"orders{prefix}.total_minor"] += order.total_minor
            sums[f"orders{prefix}.refunded_minor"] += order.refunded_minor
        sums[f"orders.stage.{order.stage}"] += 1

    assert recount.differences(part(figures, "orders"), sums) == []


def test_redemptions_agree(derived: dict[str, Projected], figures: dict[str, int]) -> None:
    sums: Sums = Counter()
    for each in derived.values():
        for one in each.redemptions:
            # The canonical form writes a nought as the letter.
            code = one.code.replace("O", "0")
            account = f"{one.key.platform}/{one.key.account}"
            day = one.business_day
            for prefix in (
                "",
                f".code.{code}",
                f".day.{day}",
                f".account.{account}",
                f".code_day.{code}/{day}",
            ):
                name = f"redemptions{prefix}"
                sums[f"{name}.{one.state}"] += 1
                if one.counts():
                    sums[f"{name}.no_effect"] += one.no_effect
                    sums[f"{name}.discount_minor"] += one.discount_minor
                    sums[f"{name}.returned_minor"] += one.returned_minor
                    sums[f"{name}.revenue_minor"] += one.revenue_minor

    assert recount.differences(part(figures, "redemptions"), sums) == []


def test_postings_agree(
    derived: dict[str, Projected], files: Path, figures: dict[str, int]
) -> None:
    rows = product.postings(derived, files)

    assert recount.differences(part(figures, "postings"), compare.postings(rows)) == []
    spoilt = [{**row, "credit_minor": 0} if at == 1 else row for at, row in enumerate(rows)]
    assert "postings.unbalanced: counted 0, found 1" in recount.differences(
        part(figures, "postings"), compare.postings(spoilt)
    )


def test_money_without_a_code_agrees(
    derived: dict[str, Projected], figures: dict[str, int]
) -> None:
    sums: Sums = Counter()
    for each in derived.values():
        for one in each.unmapped:
            account = f"{one.key.platform}/{one.key.account}"
            for prefix in ("", f".account.{account}", f".day.{one.business_day}"):
                if one.counts():
                    sums[f"unmapped{prefix}.confirmed"] += 1
                    sums[f"unmapped{prefix}.discount_minor"] += one.discount_minor
                    sums[f"unmapped{prefix}.returned_minor"] += one.returned_minor

    assert recount.differences(part(figures, "unmapped"), sums) == []


def test_every_code_is_known_to_the_register(derived: dict[str, Projected]) -> None:
    unknown = [
        one.code for each in derived.values() for one in each.redemptions if not one.code_known
    ]

    assert unknown == []


def test_no_document_contradicts_its_own_totals(derived: dict[str, Projected]) -> None:
    assert [n for n, each in derived.items() if not each.order.sums_foot] == []


def test_everybody_is_known_by_e_mail(derived: dict[str, Projected]) -> None:
    unknown = [
        each.order.key.platform
        for each in derived.values()
        if not any(key.startswith("email:") for key in each.order.customer)
        # The K-Series names nobody before the bill is paid.
        and (each.order.key.platform, each.order.stage) != ("lightspeed", "open")
    ]

    assert set(unknown) <= {"micros", "sap_business_one", "square", "toast", "upserve"}


def test_read_models_agree(
    derived: dict[str, Projected], files: Path, seen: list[Contact], figures: dict[str, int]
) -> None:
    sums: Sums = Counter()
    for (pk, sk), row in product.insight(derived, files, heard.by_person(seen)).items():
        name, counted = compare.insight_figures(pk, sk, row)
        sums.update({f"{name}.{field}": number for field, number in counted.items()})

    assert recount.differences(part(figures, "insight"), sums) == []
