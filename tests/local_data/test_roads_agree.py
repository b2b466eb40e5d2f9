"""The feed in integer cents and the recount in SQL come to the same, basket by basket."""

from collections import Counter
from decimal import Decimal
from pathlib import Path

import duckdb

from local import recount, till
from local.dealing import PLATFORMS, place
from local.world import World


def test_both_roads_put_the_same_codes_on_the_same_baskets(
    window: World, counted: duckdb.DuckDBPyConnection
) -> None:
    by_sql = set(counted.execute("SELECT basket, code FROM redeemed").fetchall())

    by_journey = {(each.basket, code) for each in window.baskets for code in each.codes}

    assert by_journey == by_sql
    assert len(by_sql) > 50


def test_both_roads_give_each_code_the_same_money(
    window: World, counted: duckdb.DuckDBPyConnection
) -> None:
    rows = counted.execute(
        "SELECT basket, code, sum(money) FROM code_money GROUP BY ALL"
    ).fetchall()
    claims: Counter[tuple[int, str]] = Counter()
    for basket in window.baskets:
        for claim in basket.claims:
            claims[basket.basket, claim.code] += claim.cents

    by_journey = {key: Decimal(cents).scaleb(-2) for key, cents in claims.items() if key[1]}

    assert by_journey == {(basket, code): money for basket, code, money in rows}


def test_both_roads_come_to_the_same_bill(
    window: World, counted: duckdb.DuckDBPyConnection
) -> None:
    rows = counted.execute(
        "SELECT basket, total, refunded FROM orders WHERE platform <> 'woocommerce'"
    ).fetchall()
    bills = {
        sale.number: (sale.total, sale.refunded())
        for sale in window.sales
        if place(sale.store).shop.platform != "woocommerce"
    }

    assert bills == {
        number: (int(total.scaleb(2)), int(refunded.scaleb(2))) for number, total, refunded in rows
    }


def test_a_share_that_came_back_is_counted_alike(
    window: World, counted: duckdb.DuckDBPyConnection
) -> None:
    rows = counted.execute("SELECT basket, code, came_back FROM taken WHERE came_back > 0")
    back = {
        (sale.number, each.code): sum(sale.share_back(each, at) for at in range(len(sale.items)))
        for sale in window.sales
        for each in sale.discounts
        if sale.back and each.kind == "code"
    }

    assert {key: cents for key, cents in back.items() if cents} == {
        (basket, code): int(money.scaleb(2)) for basket, code, money in rows.fetchall()
    }


def test_the_leak_is_told_apart(window: World, everywhere: Path) -> None:
    figures = recount.recount(window, everywhere)

    assert window.leak is not None
    assert figures["injected.orders"] == len(window.leak.sales) == 48
    assert figures["orders"] == len(window.baskets) + 48
    assert figures[f"redemptions.code.{window.leak.code}.discount_minor"] >= 4800


def test_every_kind_of_return_is_there(window: World) -> None:
    kinds = Counter(fate.kind for fate in window.fates)

    assert kinds.keys() == {"partial", "full", "cancelled", "unpaid"}
    # A platform with few sales in the window may have none that can come back.
    told = {place(s.store).shop.platform for s in window.sales if s.back}
    assert len(told) >= len(PLATFORMS) - 4


def test_differences_name_the_figure_and_both_sides() -> None:
    assert recount.differences({"a": 1, "b": 2}, {"b": 3, "c": 0}) == [
        "a: counted 1, found 0",
        "b: counted 2, found 3",
    ]


def test_the_paid_out_line_is_in_the_gross(window: World) -> None:
    over = [s for s in window.sales if any(i.sku == till.PAID_OUT_SKU for i in s.items)]

    assert [sale.total for sale in over] == [0] * len(over)
    assert len(over) == 1
