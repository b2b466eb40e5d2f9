"""What browsers reported, held against the product's own orders, comes to the recount's figures.

The same comparison as at the end of `make run`, without a stack.
"""

import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

import pytest

from functions.schedules.export.rows import fidelity_rows
from functions.schedules.fidelity.judge import Compared, Sold, judge
from functions.sources.google_analytics.read import read_document
from local import fidelity, front_end, recount
from local.dealing import CURRENCY, NORTH, SOUTH, Shop
from local.payloads import google_analytics as payload
from local.payloads.google_analytics import Event
from local.till import Sale
from local.world import World
from tests.local_data import product
from vouchsafe.pure import codec
from vouchsafe.pure.connection import Connection
from vouchsafe.pure.fidelity import DayFidelity
from vouchsafe.pure.hearing import Document
from vouchsafe.pure.redemption import Projected
from vouchsafe.pure.sighting import Sighting

FRONT_END = "google_analytics/journey-web"
CONNECTION = Connection(
    platform="google_analytics",
    account="journey-web",
    shop=front_end.PROPERTY.shop,
    api_url=product.API,
    options=payload.options(product.API),
)


@pytest.fixture(scope="module")
def sightings(window: World) -> list[Sighting]:
    return read(window)


def read(window: World) -> list[Sighting]:
    rows = [payload.row(event) for sale in window.sales for event in payload.events(sale)]
    document = Document(kind="events", body=json.dumps({"rows": rows}).encode())
    return list(read_document(document, CONNECTION, product.IDENTIFY, product.HEARD_AT))


@pytest.fixture(scope="module")
def sold(window: World, files: Path) -> dict[str, list[Sold]]:
    found: dict[str, list[Sold]] = {NORTH.account: [], SOUTH.account: []}
    for each in product.projected(window, files).values():
        if each.order.key.account in found:
            found[each.order.key.account].append(sale(each))
    return found


def sale(each: Projected) -> Sold:
    codes = {one.code for one in each.redemptions if one.confirmed_at}
    return Sold(
        order=each.order.key.text(),
        order_id=each.order.key.order_id,
        day=each.business_day,
        location_id="",
        channel=each.order.channel or "",
        confirmed=each.order.confirmed_at is not None,
        codes=tuple(sorted(codes)),
        currency=CURRENCY,
        total_minor=each.order.total_minor,
    )


@pytest.fixture(scope="module")
def results(
    window: World, sightings: list[Sighting], sold: dict[str, list[Sold]]
) -> list[DayFidelity]:
    return held(window, sightings, sold)


def held(window: World, seen: list[Sighting], sold: dict[str, list[Sold]]) -> list[DayFidelity]:
    days = [window.first + timedelta(days=at) for at in range(window.days)]
    return [judged(shop, day, seen, sold) for shop in front_end.REPORTING for day in days]


def judged(shop: Shop, day: date, seen: list[Sighting], sold: dict[str, list[Sold]]) -> DayFidelity:
    own = {each.order_id: each for each in sold[shop.account]}
    others = {
        each.order_id for name, found in sold.items() if name != shop.account for each in found
    }
    return judge(
        Compared(
            platform=shop.platform,
            account=shop.account,
            front_end=FRONT_END,
            day=day,
            first=shop == NORTH,
        ),
        own.values(),
        [each for each in seen if abs(each.day - day) <= timedelta(days=1)],
        own.get,
        others.__contains__,
        product.HEARD_AT,
    )


@pytest.fixture(scope="module")
def counted(window: World, everywhere: Path) -> dict[str, int]:
    return counted_of(window, everywhere)


def counted_of(window: World, everywhere: Path) -> dict[str, int]:
    figures = recount.recount(window, everywhere)
    return {name: value for name, value in figures.items() if name.startswith("fidelity")}


def kept(results: list[DayFidelity]) -> dict[str, int]:
    """As the run reads the table: the documents that it holds."""
    documents = (json.loads(json.dumps(codec.plain(each))) for each in results)
    return fidelity.figures(row for each in documents for row in fidelity.rows(each))


def test_the_results_agree(results: list[DayFidelity], counted: dict[str, int]) -> None:
    assert recount.differences(counted, kept(results)) == []


def test_the_exported_rows_agree(results: list[DayFidelity], counted: dict[str, int]) -> None:
    rows = [
        {**row, "front_end_day": str(row["front_end_day"])}
        for each in results
        for row in fidelity_rows(each)
    ]

    assert recount.differences(counted, fidelity.figures(rows)) == []


def test_every_way_of_reporting_is_among_them(counted: dict[str, int]) -> None:
    findings = {name.rpartition(".")[2] for name in counted}

    assert findings == {*recount.FINDINGS} - {"other_codes", "deviation"}


def test_every_confirmed_code_is_reported_missing_or_without_its_code(
    counted: dict[str, int],
) -> None:
    for shop in ("woocommerce/journey-north", "woocommerce/journey-south"):
        told = {each: counted.get(f"fidelity.shop.{shop}.{each}", 0) for each in recount.FINDINGS}

        assert told["confirmed"] == told["reported"] + told["missing"] + told["codeless"] > 0


def spoilt(results: list[DayFidelity]) -> Iterator[list[DayFidelity]]:
    """One order that is missed, one that is not, and one code the more."""
    at = next(n for n, each in enumerate(results) if each.unreported())
    first, *others = (row for row in results[at].codes)
    silent = next(row for row in (first, *others) if row.missing or row.codeless)
    rest = tuple(row for row in (first, *others) if row is not silent)
    other = replace(silent, missing=("woocommerce#journey-north#1",), codeless=())
    for row in (replace(silent, missing=(), codeless=()), other, replace(silent, code="777")):
        yield [*results[:at], replace(results[at], codes=(*rest, row)), *results[at + 1 :]]


def test_another_result_is_a_difference(
    results: list[DayFidelity], counted: dict[str, int]
) -> None:
    assert [bool(recount.differences(counted, kept(each))) for each in spoilt(results)] == [
        True,
        True,
        True,
    ]


def test_a_page_that_tells_another_amount_and_code_is_counted_alike(
    window: World,
    everywhere: Path,
    sold: dict[str, list[Sold]],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    confirmed = {each.order_id for found in sold.values() for each in found if each.codes}
    number = next(
        sale.number
        for sale, name in front_end.order_ids(window.sales)
        if name in confirmed and payload.how(sale) == "as it was"
    )
    told = payload.events

    def otherwise(sale: Sale) -> Iterator[Event]:
        for each in told(sale):
            other = each.name == "purchase" and each.number == number
            yield replace(each, cents=each.cents + 1, codes=("777888",)) if other else each

    monkeypatch.setattr(payload, "events", otherwise)
    figures = counted_of(window, everywhere)

    assert {"other_codes", "deviation"} < {name.rpartition(".")[2] for name in figures}
    assert recount.differences(figures, kept(held(window, read(window), sold))) == []
