"""Are rows kept all or none, and every bad one named without a word of a person?"""

import csv
import io
import json
from dataclasses import replace
from typing import Any

import pytest

from functions.sources.touchpoints.read import read
from functions.sources.touchpoints.rows import MOST, MOST_TOLD
from tests.sources.events import IDENTIFY, NOW, Event
from tests.sources.test_touchpoints import ROOM, SHOP
from vouchsafe.pure.errors import Faulty
from vouchsafe.pure.hearing import Delivery, Heard
from vouchsafe.pure.register_rows import COLUMNS

ROW = {"identity": "email:ann@example.com", "seen_at": "2026-11-20T17:00:00Z", "kind": "click"}


def sent(body: bytes | str, media_type: str = "application/json") -> Delivery:
    return Delivery(
        platform="touchpoints",
        account="tea-shop",
        headers={"content-type": media_type},
        body=body.encode() if isinstance(body, str) else body,
        received_at=NOW,
    )


def from_csv(body: bytes | str) -> Heard:
    return read(sent(body, "text/csv; charset=utf-8"), SHOP, IDENTIFY)


def from_json(document: object) -> Heard:
    return read(sent(json.dumps(document)), SHOP, IDENTIFY)


def refused(hear: Any, body: Any) -> Faulty:
    with pytest.raises(Faulty) as refusal:
        hear(body)
    return refusal.value


def written(rows: list[dict[str, str]], **form: Any) -> str:
    text = io.StringIO()
    writer = csv.DictWriter(text, COLUMNS["touchpoints"].all(), lineterminator="\n", **form)
    writer.writeheader()
    writer.writerows(rows)
    return text.getvalue()


@pytest.mark.parametrize("stem", ["call.publications", "call.list", "call.two_identities"])
def test_a_file_says_what_json_says(stem: str) -> None:
    event = Event(room=ROOM, stem=stem)
    document = json.loads(event.body())
    rows = document["touchpoints"] if isinstance(document, dict) else document

    told = event.heard().touchpoints

    assert from_csv(written(rows)).touchpoints == told
    assert from_csv("\ufeff" + written(rows, delimiter=";")).touchpoints == told
    assert from_csv(written(rows).replace("\n", "\r\n")).touchpoints == told
    assert from_json({"touchpoints": rows}).touchpoints == told


def test_one_is_a_list_of_one() -> None:
    assert from_json(ROW) == from_json([ROW]) == from_json({"touchpoints": [ROW]})


def test_a_repeat_is_one_contact_and_another_instant_is_not() -> None:
    later = {**ROW, "seen_at": "2026-11-20T17:00:00.001Z"}

    assert len(from_json([ROW, ROW]).touchpoints) == 1
    assert len(from_json([ROW, later]).touchpoints) == 2


def test_a_bad_line_is_named_and_no_line_is_kept() -> None:
    text = written([ROW, {**ROW, "kind": "clik"}, {**ROW, "seen_at": "2026-11-20 17:00"}])

    refusal = refused(from_csv, text)

    assert str(refusal) == (
        "line 3: kind must be one of click, email_click, publication, sighting, visit; "
        "line 4: seen_at has no offset"
    )


@pytest.mark.parametrize(
    ("text", "path", "rule"),
    [
        ("", "line 1: file", "is empty"),
        ("identity,seen_at\n", "line 1: kind", "is a column that touchpoints need"),
        ("identity,seen_at,kind,kind\n", "line 1: kind", "stands twice in the header"),
        ("identity,seen_at,kind\n", "touchpoints", f"must be 1 to {MOST}, not 0"),
        ('identity,seen_at,kind\n"a', "line 2: row", "cannot be read"),
        ("identity,seen_at,kind\na,b,c,d\n", "line 2: row", "has 4 cells, the header has 3"),
        (b"identity,seen_at,kind\n\xff,,\n", "line 2: file", "is not UTF-8 here"),
        (b"\xff\xfei\x00", "line 1: file", "is UTF-16"),
        (b"\x00\x01\x02" * 1000, "line 1: (strange name)", "is not a column of touchpoints"),
    ],
)
def test_a_file_that_is_none_is_named(text: bytes | str, path: str, rule: str) -> None:
    refusal = refused(from_csv, text)

    assert refusal.path == path
    assert refusal.rule.startswith(rule)


@pytest.mark.parametrize("column", sorted({*COLUMNS["touchpoints"].all(), "note"}))
def test_no_refusal_repeats_what_may_be_a_person(column: str) -> None:
    for cell in ("canary@example.com", "=canary", "canary" * 50, "canary\x07", "канarу"):
        rows = [{**ROW, "kind": "canary", column: cell}]

        told = [str(refused(from_json, rows))]
        if column != "note":
            told.append(str(refused(from_csv, written(rows))))

        assert "canary" not in "".join(told)
        assert "канar" not in "".join(told)


def test_a_file_without_a_header_repeats_no_person() -> None:
    refusal = refused(from_csv, "email:canary@example.com,2026-11-20T17:00:00Z,click\n" * 2)

    assert refusal.path == "line 1: (strange name)"
    assert "canary" not in str(refusal)


@pytest.mark.parametrize("name", ["canary@example.com", "Canary", "ca nary", "", "x" * 41])
def test_a_field_with_a_strange_name_is_told_without_it(name: str) -> None:
    refusal = refused(from_json, {**ROW, name: "1"})

    assert (refusal.path, refusal.rule) == ("(strange name)", "is not a field here")


def test_of_many_faults_the_first_are_told() -> None:
    refusal = refused(from_json, [{**ROW, "kind": "clik"}] * 1000)

    assert refusal.path == "[0].kind"
    assert refusal.rule.count("must be one of") == MOST_TOLD
    assert refusal.rule.endswith(f"; and {1000 - MOST_TOLD} more")


def test_there_is_a_most() -> None:
    assert refused(from_json, [ROW] * (MOST + 1)).path == "touchpoints"
    assert len(from_json([ROW] * MOST).touchpoints) == 1


@pytest.mark.parametrize("value", [True, 1.5, [], {}, ["email:ann@example.com"]])
@pytest.mark.parametrize("name", COLUMNS["touchpoints"].all())
def test_a_field_is_text_or_a_whole_number(name: str, value: object) -> None:
    assert refused(from_json, [{**ROW, name: value}]).path == f"[0].{name}"


def test_the_media_type_decides_and_not_the_body() -> None:
    assert refused(from_csv, json.dumps(ROW)).path.startswith("line 1")
    with pytest.raises(Faulty):
        read(sent(written([ROW])), SHOP, IDENTIFY)
    unsaid = replace(sent(json.dumps(ROW)), headers={})
    assert read(unsaid, SHOP, IDENTIFY) == from_json(ROW)


def test_codes_and_people_are_kept_in_one_form() -> None:
    ann = {**ROW, "identity": "email: ANN+tea@Example.com ", "code": "sombra-1o"}

    (kept,) = from_json(ann).touchpoints

    assert kept.code == "SOMBRA1O"
    assert kept.customer == IDENTIFY("email", "ann@example.com")


def test_a_server_may_tell_of_the_past_and_not_of_the_future() -> None:
    assert from_json({**ROW, "seen_at": "2017-03-01T09:00:00Z"}).touchpoints
    assert from_json({**ROW, "seen_at": "2026-11-20T18:05:00Z"}).touchpoints
    assert refused(from_json, {**ROW, "seen_at": "2026-11-20T18:05:01Z"}).path == "seen_at"
