"""Are the register's files read as they are written, and every fault of their form named?"""

import json
from collections.abc import Mapping

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.register.files import csv_text
from vouchsafe.pure.register_rows import COLUMNS, KINDS, Fault, RowKind, rows_of

CELL = st.text(
    st.characters(exclude_categories=("Cs", "Cc", "Zl", "Zp", "Zs")), min_size=0, max_size=12
)


@st.composite
def tables(draw: st.DrawFn) -> tuple[RowKind, list[dict[str, str]]]:
    kind = draw(st.sampled_from(KINDS))
    row = st.fixed_dictionaries(dict.fromkeys(COLUMNS[kind].all(), CELL))
    return kind, draw(st.lists(row.filter(lambda cells: any(map(str.strip, cells.values())))))


def told(name: str, content: bytes | str) -> list[str]:
    raw = content.encode() if isinstance(content, str) else content
    return [str(fault) for fault in rows_of(name, raw).faults]


@given(
    tables(),
    st.sampled_from([",", ";", "\t"]),
    st.sampled_from(["\n", "\r\n", "\r"]),
    st.sampled_from(["utf-8", "utf-8-sig"]),
)
def test_a_written_table_reads_back_equal(
    table: tuple[RowKind, list[dict[str, str]]], delimiter: str, ending: str, encoding: str
) -> None:
    kind, rows = table
    text = csv_text(kind, rows, delimiter=delimiter, lineterminator=ending)

    read = rows_of(f"{kind}.csv", text.encode(encoding))

    assert read.faults == ()
    expected = [{name: cell.strip() for name, cell in row.items()} for row in rows]
    assert [dict(row.cells) for row in read.rows] == expected
    assert [row.line for row in read.rows] == list(range(2, len(rows) + 2))


@given(tables(), st.sampled_from([None, 1, 4]))
def test_a_written_document_reads_back_equal(
    table: tuple[RowKind, list[dict[str, str]]], indent: int | None
) -> None:
    kind, rows = table

    read = rows_of("register.json", json.dumps({kind: rows}, indent=indent).encode())
    bare = rows_of(f"{kind}.json", json.dumps(rows, ensure_ascii=False).encode())

    expected = [{name: cell.strip() for name, cell in row.items()} for row in rows]
    assert [dict(row.cells) for row in read.rows] == expected
    assert [dict(row.cells) for row in bare.rows] == expected


@given(st.binary(max_size=200), st.sampled_from(["codes.csv", "register.json", "aliases.json"]))
def test_whatever_the_bytes_are_they_are_read_or_refused(content: bytes, name: str) -> None:
    read = rows_of(name, content)

    assert all(isinstance(fault, Fault) for fault in read.faults)


@given(st.text(st.sampled_from('{}[],:" 1\\natrue'), max_size=40))
def test_only_what_json_allows_passes_as_json(text: str) -> None:
    read = rows_of("codes.json", text.encode())

    if not read.faults:
        json.loads(text)


@pytest.mark.parametrize(
    "name",
    ["codes.csv", "codes-summer.csv", "codes_2026.CSV", "Codes (1).csv", "in/here/codes.csv"],
)
def test_a_files_name_says_what_it_holds(name: str) -> None:
    read = rows_of(name, b"code,promotion_id\nA,P\n")

    assert [row.kind for row in read.rows] == ["codes"]


def test_the_line_is_the_one_on_which_a_row_begins() -> None:
    text = 'code,promotion_id\n\nA,"P\n1"\n ,\nB,P\n'

    read = rows_of("codes.csv", text.encode())

    assert [(row.line, row.cells["code"]) for row in read.rows] == [(3, "A"), (6, "B")]


def test_in_json_too() -> None:
    text = (
        '{"codes": [\n {"code": "A",\n  "promotion_id": "P"},\n\n {"code": "B"}],\n"aliases": []}'
    )

    read = rows_of("register.json", text.encode())

    assert [(row.line, row.cells["code"]) for row in read.rows] == [(2, "A"), (5, "B")]


def test_a_number_in_json_is_what_is_written() -> None:
    text = '{"promotions": [{"max_percent": 12.50, "code_limit": 100, "currency": null}]}'

    cells: Mapping[str, str] = rows_of("register.json", text.encode()).rows[0].cells

    assert (cells["max_percent"], cells["code_limit"], cells["currency"]) == ("12.50", "100", "")


@pytest.mark.parametrize(
    ("content", "fault"),
    [
        (b"", "codes.csv:1: file is empty"),
        (
            "code,promotion_id\nA,P".encode("utf-16"),
            "codes.csv:1: file is UTF-16: save it as UTF-8",
        ),
        (
            b"code,promotion_id\nA,P\nCAF\xc9,P\n",
            "codes.csv:3: file is not UTF-8 here: save it as UTF-8",
        ),
        (b"code\nA\n", "codes.csv:1: promotion_id is a column that codes need"),
        (
            b"code,promotion_id,owner\nA,P,x\n",
            "codes.csv:1: owner is not a column of codes (code, promotion_id)",
        ),
        (b"code,promotion_id,code\nA,P,B\n", "codes.csv:1: code stands twice in the header"),
        (b"code,promotion_id\nA,P,more\n", "codes.csv:2: row has 3 cells, the header has 2"),
        (
            b'code,promotion_id\n"A"B,P\n',
            "codes.csv:2: row cannot be read: ',' expected after '\"'",
        ),
        (
            b'code,promotion_id\nA,P\n"B,P\n',
            "codes.csv:3: row cannot be read: unexpected end of data",
        ),
    ],
)
def test_a_fault_of_form_is_named(content: bytes, fault: str) -> None:
    assert told("codes.csv", content) == [fault]


def test_all_faults_are_named_not_only_the_first() -> None:
    text = 'code,promo\n"A"x,P\nB,P,Q\n"C"y,P\n'

    assert [fault.split(": ")[0] for fault in told("codes.csv", text)] == [
        "codes.csv:1",
        "codes.csv:1",
        "codes.csv:2",
        "codes.csv:3",
        "codes.csv:4",
    ]


def test_cells_that_a_spreadsheet_left_over_at_the_end_are_no_fault() -> None:
    text = "code,promotion_id,,\nA,P,,\nB,P\n,,,\n"

    read = rows_of("codes.csv", text.encode())

    assert read.faults == ()
    assert [row.cells["code"] for row in read.rows] == ["A", "B"]


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("{", "register.json:1: document is not JSON as it should be: Expecting value"),
        ("[]x", "register.json:1: document is not JSON as it should be: nothing more is expected"),
        ('{"codes": 1}', "register.json:1: document is not JSON as it should be: [ is expected"),
        ('{"codes": [\n1]}', "register.json:2: row must be an object"),
        ('{"coupons": [{}]}', "coupons is none of accounts, locations"),
        ("[{}]", "register.json:1: document is none of accounts"),
        (
            '{"codes": [\n{"code": true}]}',
            "register.json:2: code must be text or a number",
        ),
        ('{"codes": [{"code": "A", "code": "B"}]}', "register.json:1: code stands twice"),
        ('{"codes": [{"cod": "A"}]}', "register.json:1: cod is not a field of codes"),
        ("[" * 100_000, "register.json:1: document is nested too deep"),
    ],
)
def test_a_fault_of_a_document_is_named(text: str, fault: str) -> None:
    assert any(fault in each for each in told("register.json", text))


@pytest.mark.parametrize("name", ["prices.csv", "codes.xlsx", "readme", "locationsx.csv"])
def test_a_file_that_is_none_of_ours_is_refused(name: str) -> None:
    assert "must be .json, or one of accounts, locations" in told(name, b"a,b\n1,2\n")[0]
