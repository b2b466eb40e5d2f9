"""Do the files say what the tables hold, the same bytes each time, and nothing that bites?"""

import io
import json
from dataclasses import replace
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import boto3
import duckdb
import openpyxl
import pytest

from functions.api.reports import handler as reports
from functions.schedules.export import handler, postings
from functions.schedules.export.columns import DATASETS
from functions.schedules.export.day import Published, exported, keys_of
from functions.schedules.export.workbook import workbook
from functions.schedules.reconcile.match import match
from tests import cloud
from tests.api.values import CODE, issue, spend
from tests.pure.registers import Shelf
from tests.pure.saying import at, back, bill, code, fact, refund
from tests.pure.test_posting import SPANISH
from tests.pure.test_redemption import promotion
from tests.pure.values import TERMS
from tests.schedules.test_reconcile_match import NOW, SCOPE, row, used
from vouchsafe.edge import (
    books_table,
    clock,
    orders_table,
    redemptions_table,
    reports_bucket,
    vat_setting,
)
from vouchsafe.pure.facts import RefundSaid
from vouchsafe.pure.order import fold
from vouchsafe.pure.redemption import derive
from vouchsafe.pure.register import Code
from vouchsafe.pure.rights import ROLES

pytestmark = pytest.mark.usefixtures("aws")
DAY = date(2026, 11, 20)


def keep(
    order_id: str,
    *discounts: Any,
    register: Shelf | None = None,
    refunds: tuple[RefundSaid, ...] = (refund(2430, back("mug", 1)),),
    **said: Any,
) -> None:
    """An order in the tables, one of its two mugs returned."""
    first = fact(bill(discounts=discounts, **said))
    key = replace(first.order, order_id=order_id)
    facts = [
        replace(first, order=key),
        *(
            replace(fact(each, object_id=f"r{number}"), order=key)
            for number, each in enumerate(refunds)
        ),
    ]
    order = fold(facts)
    assert order is not None
    projected = derive(order, register or Shelf())
    orders_table.put(order, projected.business_day, 1)
    for each in projected.rows():
        redemptions_table.put(each, 1)


def query(tmp_path: Path, key: str, sql: str) -> list[tuple[Any, ...]]:
    """SQL over a published file, called `file`."""
    path = tmp_path / Path(key).name
    path.write_bytes(reports_bucket.get(key) or b"")
    return duckdb.sql(sql.replace("file", f"'{path}'")).fetchall()


def handled(message: dict[str, Any]) -> list[Any]:
    record = {
        "messageId": "1",
        "receiptHandle": "1",
        "eventSourceARN": "arn:aws:sqs:eu-west-1:123456789012:export",
        "body": json.dumps(message),
    }
    return handler.handle({"Records": [record]}, None)["batchItemFailures"]


def test_every_row_and_amount_is_in_both_files(tmp_path: Path) -> None:
    keep("1", code("TEN", 500))
    keep("2", code("TEN", 333), code(None, 100, kind="till", discount_id="d", name="Lunch"))

    assert exported(DAY)["redemptions"].rows == 3
    parquet, csv, _ = keys_of("redemptions", DAY)

    major = "sum(discount)::DECIMAL(20, 4)"
    sql = f"SELECT count(*), sum(discount_minor), {major}, sum(returned_minor) FROM file"
    assert query(tmp_path, parquet, sql) == query(tmp_path, csv, sql)
    assert query(tmp_path, parquet, sql)[0][:2] == (3, 933)
    assert float(query(tmp_path, parquet, sql)[0][2]) == 9.33


def test_run_again_it_writes_the_same_bytes() -> None:
    for order_id in "12345":
        keep(order_id, code("TEN", 500))
    exported(DAY)
    first = {key: reports_bucket.get(key) for key in reports_bucket.all_keys("")}

    exported(DAY)

    assert {key: reports_bucket.get(key) for key in reports_bucket.all_keys("")} == first
    assert len(first) == 3 * len(DATASETS)


def test_a_day_that_changed_says_what_its_files_replace() -> None:
    keep("1", code("TEN", 500))
    exported(DAY)
    manifest = keys_of("orders", DAY)[2]
    before = json.loads(reports_bucket.get(manifest) or b"")

    keep("2", code("TEN", 500))
    exported(DAY)
    after = json.loads(reports_bucket.get(manifest) or b"")
    exported(DAY)

    assert after["replaces"] == [file["sha256"] for file in before["files"]]
    assert after["rows"] == 2
    assert json.loads(reports_bucket.get(manifest) or b"") == after


HOSTILE = [
    "=HYPERLINK(1)",
    "+1",
    "-1",
    "@x",
    "\tq",
    "\r",
    'a"b',
    "a,b",
    "x\ny",
    "\\N",
    "",
    "'q",
    "\x00z",
    "😀",
    "＝1",
]


@pytest.mark.parametrize("hostile", HOSTILE)
def test_hostile_text_is_data_in_parquet_and_harmless_in_csv(hostile: str, tmp_path: Path) -> None:
    keep("1", code(None, 100, kind="till", discount_id="d", name=hostile))
    exported(DAY)
    parquet, csv, _ = keys_of("redemptions", DAY)

    (held,) = query(tmp_path, parquet, "SELECT discount_name FROM file")[0]
    (shown,) = query(
        tmp_path,
        csv,
        "SELECT discount_name FROM read_csv(file, all_varchar=true, auto_detect=true)",
    )[0]

    assert held == hostile
    assert (shown or "")[:1] not in ("=", "+", "-", "@", "\t", "\r", "＝")


def test_a_days_postings_balance_and_are_its_confirmed_discount(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    known = Shelf(promotions={"p1": promotion(vat_class="general")})
    known.codes["TEN"] = Code(canonical="TEN", raw="TEN", promotions=("p1",))
    monkeypatch.setattr(postings, "RegisterReader", lambda: known)
    monkeypatch.setattr(vat_setting, "standing", lambda: SPANISH)
    keep("1", code("TEN", 500), register=known, total_minor=4500)
    keep("2", code("OTHER", 333), code(None, 100, kind="till", discount_id="d", name="Lunch"))
    keep("3", code("TEN", 500), confirmed_at=None, register=known)

    assert exported(DAY)["postings"] == Published(rows=10, vat_unknown=4)
    parquet, csv, manifest = keys_of("postings", DAY)

    for file in (parquet, csv):
        sides = "sum(debit_minor), sum(credit_minor)"
        assert query(
            tmp_path, file, f"SELECT document, {sides} FROM file GROUP BY 1 ORDER BY 1"
        ) == [
            ("shopify#corner-shop#1#redemption#TEN#000#confirmed", 500, 500),
            ("shopify#corner-shop#1#redemption#TEN#000#returned#250", 250, 250),
            ("shopify#corner-shop#2#redemption#OTHER#000#confirmed", 333, 333),
            ("shopify#corner-shop#2#redemption#OTHER#000#returned#166", 166, 166),
        ]
        taken = "SELECT sum(credit_minor) - sum(debit_minor) FROM file"
        left = query(tmp_path, file, f"{taken} WHERE account_role = 'takings_clearing'")
        ledger = "SELECT sum(discount_minor - returned_minor) FROM file WHERE kind = 'code'"
        counts = "state IN ('confirmed', 'partially_returned')"
        redemptions = keys_of("redemptions", DAY)[0 if file == parquet else 1]
        assert left == query(tmp_path, redemptions, f"{ledger} AND {counts}") == [(417,)]
    said = json.loads(reports_bucket.get(manifest) or b"")
    assert said["counts"] == {"vat_class": {"general": 6, "vat_unknown": 4}}
    assert said["sums"]["USD"] == {"debit_minor": 1249, "credit_minor": 1249}


def test_an_order_whose_sums_contradict_the_setting_is_not_split(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    known = Shelf(promotions={"p1": promotion(vat_class="general")})
    known.codes["TEN"] = Code(canonical="TEN", raw="TEN", promotions=("p1",))
    monkeypatch.setattr(postings, "RegisterReader", lambda: known)
    monkeypatch.setattr(vat_setting, "standing", lambda: SPANISH)
    keep("1", code("TEN", 500), register=known, refunds=(), total_minor=4860)
    assert exported(DAY)["postings"] == Published(rows=2, vat_unknown=2)

    added = replace(SPANISH, prices_include_vat=False)
    monkeypatch.setattr(vat_setting, "standing", lambda: added)
    assert exported(DAY)["postings"] == Published(rows=3, vat_unknown=0)


def test_a_posting_says_all_that_a_book_asks_for(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(vat_setting, "standing", lambda: SPANISH)
    keep("1", code("OTHER", 500), location_id="pier")
    exported(DAY)

    columns = (
        "line, cause, reversal_of, order_id, location_id, booked_on::VARCHAR, account_role, debit,"
        " credit, voucher_class, vat_class, vat_percent, code"
    )
    found = query(tmp_path, keys_of("postings", DAY)[0], f"SELECT {columns} FROM file")

    first = "shopify#corner-shop#1#redemption#OTHER#000#confirmed"
    day, nothing = "2026-11-20", Decimal("0.0000")
    tail = (None, "vat_unknown", None, "OTHER")
    five, half = Decimal("5.0000"), Decimal("2.5000")
    place = ("1", "pier", day)
    assert found == [
        (1, "confirmed", None, *place, "discounts_given", five, nothing, *tail),
        (2, "confirmed", None, *place, "takings_clearing", nothing, five, *tail),
        (1, "returned", first, *place, "takings_clearing", half, nothing, *tail),
        (2, "returned", first, *place, "discounts_given", nothing, half, *tail),
    ]


def test_what_was_booked_of_a_return_stays_when_more_comes_back(tmp_path: Path) -> None:
    def booked() -> list[tuple[Any, ...]]:
        exported(DAY)
        columns = "document, happened_at::VARCHAR, debit_minor, credit_minor"
        found = f"SELECT {columns} FROM file WHERE cause = 'returned' ORDER BY document, line"
        return query(tmp_path, keys_of("postings", DAY)[0], found)

    first, second = (refund(1000, back("mug", 1), minutes=minutes) for minutes in (60, 120))
    keep("1", code("TEN", 500), refunds=(first,))
    before = booked()

    keep("1", code("TEN", 500), refunds=(first, refund(1, back("plate", 1), minutes=90)))
    assert booked() == before
    keep("1", code("TEN", 500), refunds=(first, second))
    after = booked()

    assert [line[2:] for line in before] == [(250, 0), (0, 250)]
    assert {line[1] for line in before} == {"2026-11-20 13:00:00"}
    assert set(before) < set(after)
    assert {line[1] for line in set(after) - set(before)} == {"2026-11-20 14:00:00"}
    assert len(after) == 4


@pytest.fixture
def gifts(monkeypatch: pytest.MonkeyPatch) -> Shelf:
    """A gift card of 50.00 that is sold on the day, and its promotion."""
    known = Shelf(promotions={"GIFT": promotion(promotion_id="GIFT", voucher_class="stored_value")})
    known.codes[CODE] = Code(canonical=CODE, raw="GIFT", promotions=("GIFT",))
    monkeypatch.setattr(postings, "RegisterReader", lambda: known)
    issue()
    return known


def lines(tmp_path: Path, day: date = DAY) -> list[tuple[Any, ...]]:
    """Document, role, debit less credit, evidence; each line of a day."""
    columns = "document, account_role, debit_minor - credit_minor, evidence"
    found = f"SELECT {columns} FROM file ORDER BY document, line"
    return query(tmp_path, keys_of("postings", day)[0], found)


def test_a_value_and_a_till_that_tell_of_one_use_are_one_document(
    gifts: Shelf, tmp_path: Path
) -> None:
    keep("1", code("GIFT", 300), register=gifts)
    spend("shopify#corner-shop#1", 300)

    exported(DAY)

    told = "shopify#corner-shop#1#redemption#G1FT#000"
    spent = "value#G1FT#spent#shopify%23corner-shop%231#"
    assert lines(tmp_path)[2:] == [
        (spent, "voucher_liability", 300, told),
        (spent, "takings_clearing", -300, told),
    ]


def test_what_a_till_gave_of_a_value_on_its_own_is_not_taken_from_it(
    gifts: Shelf, tmp_path: Path
) -> None:
    keep("1", code("GIFT", 300), register=gifts)
    spend("shopify#corner-shop#2", 300)

    exported(DAY)

    sold = "shopify#corner-shop#1#redemption#G1FT#000#confirmed"
    assert lines(tmp_path)[:2] == [
        (sold, "value_withdrawn", 300, None),
        (sold, "takings_clearing", -300, None),
    ]
    assert len(lines(tmp_path)) == 8


def test_a_code_that_was_paid_for_elsewhere_is_owed_there(gifts: Shelf, tmp_path: Path) -> None:
    gifts.codes["OTHER"] = replace(gifts.codes[CODE], canonical="OTHER", raw="OTHER")
    keep("1", code("OTHER", 300), register=gifts)

    exported(DAY)

    assert [line[1] for line in lines(tmp_path)[:2]] == ["voucher_liability", "takings_clearing"]


def test_what_is_left_of_a_value_is_income_of_its_last_day(
    gifts: Shelf, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    spend("shopify#corner-shop#2", 300)
    exported(TERMS.expires_on)
    assert lines(tmp_path, TERMS.expires_on) == []

    monkeypatch.setattr(clock, "now", TERMS.over_at)
    exported(TERMS.expires_on)

    assert lines(tmp_path, TERMS.expires_on) == [
        ("value#G1FT#expired", "voucher_liability", 4700, None),
        ("value#G1FT#expired", "breakage_income", -4700, None),
    ]


def test_what_nobody_knows_the_tax_of_is_counted(capsys: pytest.CaptureFixture[str]) -> None:
    keep("1", code("OTHER", 500))

    assert handled({"day": DAY.isoformat()}) == []

    line = json.loads(capsys.readouterr().out.splitlines()[-1])
    assert line["vat_unknown"] == [4.0]
    assert line["datasets"]["postings"] == 4


def test_the_manifest_promises_what_lies_there() -> None:
    keep("1", code("TEN", 500))
    exported(DAY)

    manifest = json.loads(reports_bucket.get(keys_of("redemptions", DAY)[2]) or b"")

    assert manifest["sums"]["USD"]["discount_minor"] == 500
    for file in manifest["files"]:
        assert len(reports_bucket.get(file["key"]) or b"") == file["bytes"]


def test_a_week_is_spread_out_to_its_days_and_its_workbook() -> None:
    assert handled({"period": "weekly", "first": "2026-11-16", "last": "2026-11-22"}) == []

    asked = [json.loads(each) for each in cloud.sent("EXPORT")]

    assert len([each for each in asked if "day" in each]) == 7
    assert all(each["workbook"] == "weekly" for each in asked if "day" not in each)


@pytest.mark.parametrize("period", ["weekly", "monthly"])
def test_a_day_that_a_late_return_changed_is_written_again(period: str) -> None:
    late = refund(1000, back("mug", 1), minutes=60 * 24 * 30)
    keep("1", code("TEN", 500), refunds=(late,))
    for order, days in (("2", 3), ("3", 25), ("4", 33)):
        when = at(60 * 24 * days)
        keep(order, code("TEN", 500), refunds=(), placed_at=when, updated_at=when)

    assert handled({"period": period, "first": "2026-12-14", "last": "2026-12-20"}) == []

    asked = [json.loads(each)["day"] for each in cloud.sent("EXPORT") if '"day"' in each]
    assert sorted(asked) == [DAY.isoformat(), *(f"2026-12-{day}" for day in range(14, 21))]


@pytest.mark.parametrize(
    "body", [{"reversed_at": at(60 * 24 * 30)}, {"updated_at": at(60 * 24 * 30)}]
)
def test_whatever_happens_to_an_order_later_changes_its_day(body: dict[str, Any]) -> None:
    keep("1", code("TEN", 500), refunds=(), **body)

    assert orders_table.days_changed_since(at(60 * 24 * 30)) == {DAY}
    assert orders_table.days_changed_since(at(60 * 24 * 30 + 1)) == set()


@pytest.mark.parametrize(
    "wrong", [{"period": "yearly"}, {"day": "soon"}, {"first": "2026-11-02", "last": "2026-11-01"}]
)
def test_a_wrong_order_is_not_done(wrong: dict[str, str]) -> None:
    assert len(handled(wrong)) == 1


def test_the_workbook_foots() -> None:
    till = [row("1"), row("2", codes=(used("TEN"), used("TWO", 50)))]
    ledger = [row("1", total_minor=905), row("3", codes=(), unmapped=(("name:X", 70),))]
    held = workbook("A week", [match(SCOPE, till, ledger, NOW)])

    book = openpyxl.load_workbook(io.BytesIO(held), data_only=True)

    for name, column in (("Codes", 9), ("Breaks", 9)):
        rows = [[cell.value for cell in line] for line in book[name].iter_rows() if line[0].value]
        total = next(line for line in rows if line[0] == "Total")
        body = [line for line in rows if line[0] not in ("Total", "Day")]
        assert total[column] == pytest.approx(sum(line[column] for line in body))
    summary = [[cell.value for cell in line] for line in book["Summary"].iter_rows()]
    assert ["missing in ledger", 1] in [line[:2] for line in summary]
    assert workbook("A week", [match(SCOPE, till, ledger, NOW)]) == held


def test_no_text_of_a_workbook_is_a_formula() -> None:
    till = [row("1", codes=(used("=1+1"),), location_id="=2+2")]
    held = workbook("A week", [match(SCOPE, till, [], NOW)])

    book = openpyxl.load_workbook(io.BytesIO(held))

    formulas = [
        cell.value
        for sheet in book
        for line in sheet.iter_rows()
        for cell in line
        if cell.data_type == "f"
    ]
    assert formulas
    assert all(str(each).startswith("=SUMIF(") for each in formulas)


def test_a_days_result_comes_back_as_it_was_kept() -> None:
    first = match(SCOPE, [row(str(at)) for at in range(500)], [], NOW)
    second = match(SCOPE, [row("1")], [row("1")], replace_hour(2))

    books_table.put(first)
    assert list(books_table.days(SCOPE)) == [first]
    books_table.put(second)

    assert list(books_table.days(SCOPE)) == [second]
    items = boto3.client("dynamodb").scan(TableName="Books")["Items"]
    assert len(items) == 2


def replace_hour(later: int) -> Any:
    return NOW.replace(hour=NOW.hour + later)


def asked(
    path: str | None = None, *, groups: str | None = "[viewer]", **parameters: str
) -> tuple[int, dict[str, Any]]:
    event: dict[str, Any] = {
        "pathParameters": {"id": path} if path else None,
        "queryStringParameters": parameters,
    }
    if groups is not None:
        claims = {"sub": "finn", "cognito:groups": groups}
        event["requestContext"] = {"authorizer": {"jwt": {"claims": claims}}}
    answer = reports.handle(event, None)
    return answer["statusCode"], json.loads(str(answer["body"]))  # type: ignore[return-value]


@pytest.mark.parametrize("role", ROLES)
def test_every_role_may_read_reports(role: str) -> None:
    exported(DAY)
    (key, *_) = reports_bucket.all_keys("")

    assert asked(groups=f"[{role}]")[0] == 200
    assert asked(key, groups=f"[{role}]")[0] == 200


@pytest.mark.parametrize(
    ("groups", "status"), [("[]", 403), ("[staff]", 403), ("[Admin]", 403), (None, 401)]
)
def test_who_has_no_role_learns_nothing_of_reports(groups: str | None, status: int) -> None:
    exported(DAY)
    (key, *_) = reports_bucket.all_keys("")

    for path in (None, key, "csv/nothing.csv"):
        found, body = asked(path, groups=groups)
        assert found == status
        assert set(body) == {"message"}


def test_reports_are_listed_page_by_page() -> None:
    exported(DAY)
    names, after = [], ""
    while after is not None:
        status, page = asked(limit="4", **({"after": after} if after else {}))
        assert status == 200
        names += [each["id"] for each in page["reports"]]
        after = page["after"]

    assert names == sorted(reports_bucket.all_keys(""))


def test_a_report_is_linked_for_a_while() -> None:
    exported(DAY)
    status, found = asked(keys_of("orders", DAY)[1])

    assert (status, found["expires_in_s"]) == (200, 300)
    assert "Expires" in found["url"]


@pytest.mark.parametrize(
    ("path", "parameters", "status"),
    [
        ("csv/nothing.csv", {}, 404),
        ("../secret", {}, 400),
        (None, {"limit": "0"}, 400),
        (None, {"limit": "many"}, 400),
        (None, {"sort": "x"}, 400),
    ],
)
def test_a_wrong_question_is_answered_with_its_rule(
    path: str | None, parameters: dict[str, str], status: int
) -> None:
    found, body = asked(path, **parameters)

    assert found == status
    assert status == 404 or {"field", "rule"} <= body.keys()
