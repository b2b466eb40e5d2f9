"""The eleven traps of the data set, each on the published tables themselves (real_data.md)."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import duckdb
import pytest

from local import journey, till
from local.campaigns import read_campaigns
from local.journey import COUPON_PRODUCT, Line

# Days on which some basket's coupons exceed its sales.
OVERPAID = (date(2017, 3, 9), date(2017, 5, 16), date(2017, 8, 16), date(2017, 11, 18))


def one(connection: duckdb.DuckDBPyConnection, query: str) -> tuple[object, ...]:
    found = connection.execute(query).fetchone()
    assert found is not None
    return tuple(found)


def test_1_the_clock_of_the_tables_is_utc_and_the_day_is_the_shops() -> None:
    last = journey.read(date(2017, 12, 31), 1)

    in_next_year = [each for each in last if each.placed_at.year == 2018]

    assert len(in_next_year) == 86
    assert {each.day for each in last} == {date(2017, 12, 31)}


def test_1_in_shop_time_every_redemption_finds_a_basket(year: duckdb.DuckDBPyConnection) -> None:
    assert one(year, "SELECT count(*) FROM claimed") == (2102,)
    assert one(year, "SELECT count(DISTINCT (household, code, campaign, day)) FROM candidates") == (
        2102,
    )


def test_1_in_utc_redemptions_would_be_lost(published: duckdb.DuckDBPyConnection) -> None:
    found = one(
        published,
        "SELECT count(*) FROM coupon_redemptions AS r WHERE EXISTS (SELECT 1 FROM lines AS t"
        " WHERE t.household_id = r.household_id AND CAST(t.transaction_timestamp AS DATE)"
        " = CAST(r.redemption_date AS DATE))",
    )
    moved = one(
        published,
        "SELECT count(*) FROM lines WHERE CAST(transaction_timestamp AS DATE) <> day",
    )

    assert found == (1869,)
    assert moved == (250_533,)


def test_1_the_clock_change_moves_the_day_with_the_zone() -> None:
    change = date(2017, 11, 5)

    length = journey.starts(change + timedelta(days=1)) - journey.starts(change)

    assert length == timedelta(hours=25)
    assert journey.shop_day(datetime(2017, 11, 6, 4, 59, tzinfo=UTC)) == change


def test_2_the_last_day_of_a_campaign_belongs_to_it(published: duckdb.DuckDBPyConnection) -> None:
    campaigns = {each.number: each for each in read_campaigns(published)}
    rows = published.execute(
        "SELECT campaign_id, CAST(redemption_date AS DATE) FROM coupon_redemptions"
    ).fetchall()

    on_last_day = sum(day == campaigns[number].ends_on for number, day in rows)
    outside = [day for number, day in rows if not campaigns[number].runs_in(day, day)]

    assert on_last_day == 28
    assert outside == []


def test_3_the_published_data_hold_no_leak(published: duckdb.DuckDBPyConnection) -> None:
    untargeted = one(
        published,
        "SELECT count(*) FROM coupon_redemptions ANTI JOIN campaigns"
        " USING (campaign_id, household_id)",
    )
    foreign = one(
        published,
        "SELECT count(*) FROM coupon_redemptions ANTI JOIN coupons USING (campaign_id, coupon_upc)",
    )

    assert (untargeted, foreign) == ((0,), (0,))


def test_4_two_campaigns_of_one_code_make_one_redemption(year: duckdb.DuckDBPyConnection) -> None:
    assert one(year, "SELECT count(*) FROM redeemed") == (2089,)
    assert one(year, "SELECT count(*) FROM claimed") == (2102,)


def test_4_the_journey_puts_such_a_code_on_one_basket_once() -> None:
    baskets = journey.read(date(2017, 11, 19), 1)

    twice = [each for each in baskets if each.household == 40 and "57410101082" in each.codes]

    assert [each.codes.count("57410101082") for each in twice] == [1]


def test_5_repeated_coupon_rows_multiply_nothing(
    published: duckdb.DuckDBPyConnection, year: duckdb.DuckDBPyConnection
) -> None:
    repeated = one(
        published,
        "SELECT count(*) - count(DISTINCT (coupon_upc, product_id, campaign_id)) FROM coupons",
    )
    given = one(year, "SELECT sum(money) FROM code_money")
    there = one(
        year,
        "SELECT sum(coupon) FROM sold SEMI JOIN fitting USING (basket, product)",
    )

    assert repeated == (4872,)
    assert given == there == (Decimal("1146.13"),)


def test_6_the_shelf_price_is_what_the_shop_receives_and_what_it_gave_away() -> None:
    line = Line(product=1, quantity=1, sales=250, loyalty=40, match=10, coupon=75)

    assert line.shelf == 300


def test_6_the_shopper_pays_sales_less_the_coupon() -> None:
    for basket in journey.read(date(2017, 11, 17), 1):
        sale = till.ring(basket, {})

        paid = sum(line.sales - line.coupon for line in basket.lines)

        assert sale.total == max(paid, 0)


def test_7_a_quarter_of_the_coupon_money_stands_on_lines_of_its_own(
    published: duckdb.DuckDBPyConnection,
) -> None:
    found = one(
        published,
        "SELECT count(*), CAST(sum(CAST(coupon_disc AS DECIMAL(12, 2))) AS DECIMAL(12, 2)),"
        f" max(quantity), max(sales_value) FROM transactions WHERE product_id = {COUPON_PRODUCT}"
        " AND coupon_disc > 0",
    )

    assert found == (2932, Decimal("6459.87"), 0, 0.0)


def test_7_coupons_exceed_their_line_often_and_the_sale_rarely(
    year: duckdb.DuckDBPyConnection,
) -> None:
    assert one(year, "SELECT count(*) FROM sold WHERE coupon > sales") == (3507,)
    assert one(year, "SELECT count(*) FROM visits WHERE paid_out > 0") == (19,)


@pytest.mark.parametrize("day", OVERPAID)
def test_7_no_cent_of_a_coupon_is_lost_and_no_line_falls_below_zero(day: date) -> None:
    baskets = journey.read(day, 1)
    sales = [till.ring(each, {}) for each in baskets]

    coupons = sum(each.coupon for each in baskets)
    rung = sum(d.amount for s in sales for d in s.discounts if d.kind in {"code", "coupon"})
    below = [s.number for s in sales if any(s.net_of(at) < 0 for at in range(len(s.items)))]
    paid_out = [s for s in sales if any(item.sku == till.PAID_OUT_SKU for item in s.items)]

    assert rung == coupons
    assert below == []
    assert len(paid_out) >= 1
    assert all(sale.total == 0 for sale in paid_out)


def test_8_most_coupon_money_has_no_code(year: duckdb.DuckDBPyConnection) -> None:
    everything = one(year, "SELECT count(*), sum(coupon) FROM visits WHERE coupon > 0")
    without = one(
        year,
        "SELECT count(*), sum(coupon) FROM visits ANTI JOIN redeemed USING (basket)"
        " WHERE coupon > 0",
    )

    assert everything == (9827, Decimal("26359.90"))
    assert without == (8853, Decimal("22287.59"))


def test_9_a_code_is_not_always_money(year: duckdb.DuckDBPyConnection) -> None:
    bare = one(
        year,
        "SELECT count(*), count(*) FILTER (coupon = 0) FROM visits SEMI JOIN redeemed"
        " USING (basket)",
    )
    tiers = year.execute(
        "SELECT best, count(*) FROM (SELECT min(tier) AS best FROM candidates"
        " GROUP BY household, code, campaign, day) GROUP BY 1 ORDER BY 1"
    ).fetchall()

    assert bare == (1114, 140)
    assert tiers == [(1, 1130), (2, 207), (3, 502), (4, 241), (5, 22)]


def test_10_every_amount_is_whole_cents_but_for_a_residue(
    published: duckdb.DuckDBPyConnection,
) -> None:
    rows = published.execute(
        "SELECT sales_value FROM transactions WHERE round(sales_value, 2) = 0"
    ).fetchall()

    assert len(rows) == 11_246
    assert sum(value == 0 for (value,) in rows) == 11_226
    assert {journey.cents(value) for (value,) in rows} == {0}
    assert journey.cents(4.35) == 435


def test_11_a_quantity_is_not_a_count_of_units(published: duckdb.DuckDBPyConnection) -> None:
    found = one(
        published,
        "SELECT count(*) FILTER (quantity = 0), count(*) FILTER (quantity > 1000) FROM lines",
    )

    assert found == (8869, 13_494)


def test_11_every_line_of_a_bill_has_units_that_make_up_its_value() -> None:
    baskets = journey.read(date(2017, 11, 18), 1)
    odd = {line.quantity for each in baskets for line in each.lines}

    sales = [till.ring(each, {}) for each in baskets]

    assert 0 in odd
    assert max(odd) > 1000
    assert all(1 <= item.units <= till.MOST_UNITS for sale in sales for item in sale.items)
    for basket, sale in zip(baskets, sales, strict=True):
        over = max(basket.coupon - sum(line.sales for line in basket.lines), 0)
        assert sale.gross == sum(line.shelf for line in basket.lines) + over
