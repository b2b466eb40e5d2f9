"""Does the command take lists in, name what it refuses, and print every code?"""

import csv
import io
import json
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from console import census, stack
from functions.streams.alarms import unregistered
from tests.api.test_census import REGISTER
from tests.streams.test_alarms_unregistered import TABLE, unmapped
from tests.streams.vigil import NOON, redemption
from vouchsafe.edge import (
    alarms_table,
    census_table,
    redemptions_table,
    secrets,
    topic,
    vendor_http,
)
from vouchsafe.flow.load import load
from vouchsafe.pure.connection import Connection
from vouchsafe.pure.happening import Happening
from vouchsafe.pure.pull import Request, Response

pytestmark = pytest.mark.usefixtures("aws")

COUPON = {"id": 7, "code": "teatime", "amount": "10.00", "discount_type": "percent"}


@pytest.fixture(autouse=True)
def connected(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(stack, "connected", dict)


@pytest.fixture
def shop(monkeypatch: pytest.MonkeyPatch) -> None:
    """A WooCommerce shop with two pages of coupons."""

    def send(request: Request) -> Response:
        page = int(request.url.partition("page=")[2].partition("&")[0])
        body = json.dumps([COUPON | {"id": page, "code": f"teatime{page}"}]).encode()
        return Response(status=200, headers={"x-wp-totalpages": "2"}, body=body)

    connection = Connection(platform="woocommerce", account="tea-shop", api_url="https://tea")
    monkeypatch.setattr(secrets, "connection", lambda _platform, _account: connection)
    monkeypatch.setattr(vendor_http, "sender", lambda *_said: send)
    monkeypatch.setattr("vouchsafe.flow.calling.sender", lambda *_said: send)


def printed(capsys: pytest.CaptureFixture[str]) -> list[dict[str, Any]]:
    capsys.readouterr()
    assert census.main([]) == 0
    return list(csv.DictReader(io.StringIO(capsys.readouterr().out)))


def test_a_file_of_any_length_is_one_complete_list(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(census, "_LINES_A_PART", 3)
    file = tmp_path / "codes.csv"
    file.write_text("Coupon Code\n" + "".join(f"K-{each:04}\n" for each in range(7)))

    assert census.main([str(file), "--system", "klaviyo"]) == 0

    assert "7 kept, 0 refused; complete." in capsys.readouterr().out
    assert len({line["subject"] for line in printed(capsys)}) == 7


def test_a_refused_line_is_told_by_its_number_and_the_list_ends_nothing(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "codes.csv"
    file.write_text("code,value\nA1,5\nB1,ten\n")

    assert census.main([str(file), "--system", "spreadsheet"]) == census.FAULTY

    out = capsys.readouterr().out
    assert out.startswith("3:value: must be a number such as 10.50")
    assert "1 kept, 1 refused; not complete" in out
    assert list(census_table.systems()) == [("spreadsheet", "main")]


@pytest.mark.usefixtures("shop")
def test_a_shop_is_asked_page_by_page(capsys: pytest.CaptureFixture[str]) -> None:
    assert census.main(["--system", "woocommerce", "--account", "tea-shop"]) == 0

    assert "2 kept, 0 refused; complete." in capsys.readouterr().out
    lines = printed(capsys)
    assert {line["code"] for line in lines} == {"teatime1", "teatime2"}
    assert {line["rules"] for line in lines} == {"woocommerce/tea-shop: 10%"}


def test_everything_is_printed_with_its_advice(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    load([("register.json", REGISTER.encode())])
    file = tmp_path / "codes.csv"
    file.write_text("code,owner\nAutumn-10,eva\nNEW,\n")
    census.main([str(file), "--system", "spreadsheet"])

    lines = {line["code"]: line for line in printed(capsys)}

    assert (lines["Autumn-10"]["registered"], lines["NEW"]["advice"]) == ("yes", "adopt")
    assert lines["Autumn-10"]["owners"] == "eva"


@pytest.mark.parametrize("arguments", [["codes.csv"], ["--system", "klaviyo"]])
def test_what_is_missing_is_named(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert census.main(arguments) == census.FAULTY

    assert "name" in capsys.readouterr().err


def test_what_orders_bore_before_they_were_watched_is_noticed_once(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    told: list[Happening] = []
    monkeypatch.setattr(topic, "publish", told.append)
    unregistered._told.clear()
    for order, at in (("2", NOON), ("1", NOON - timedelta(days=1)), ("3", NOON)):
        use = redemption(order, code="R0GUE", code_known=False, redeemed_at=at)
        redemptions_table.put(use, 1)
    redemptions_table.put(unmapped(), 1)

    assert census.main(["--orders"]) == 0
    unregistered._told.clear()
    assert census.main(["--orders"]) == 0

    assert capsys.readouterr().out.splitlines() == [
        "2 codes and discounts are unknown to the register, 2 of them new.",
        "2 codes and discounts are unknown to the register, 0 of them new.",
    ]
    assert len(told) == 2
    kept = {each.subject: each.order for each in alarms_table.unregistered(None, 10)[0]}
    assert kept == {"R0GUE": "shopify#corner-shop#1", TABLE: "square#kew#S-1"}
