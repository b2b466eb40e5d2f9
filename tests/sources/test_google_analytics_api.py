"""What Google is asked: which days, which reports, which files, and how a large one is read."""

import gzip
import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import parse_qsl

import pytest

from functions.sources.google_analytics import export_pages, pieces, report_pages
from functions.sources.google_analytics.api import list_orders, sign_in
from functions.sources.google_analytics.read import read_document
from tests.sources.events import IDENTIFY, NOW
from tests.sources.google_vendor import BUCKETS, Google
from tests.sources.test_google_analytics import CONNECTION
from vouchsafe.pure.connection import Connection
from vouchsafe.pure.errors import Invalid, Refused, Throttled, Unavailable, Unreadable
from vouchsafe.pure.hearing import Document
from vouchsafe.pure.pull import Grant, Page, Request, Response, Window

Plain = dict[str, Any]
# In Madrid it is an hour later: the evening of the 20th begins before midnight and ends after it.
EVENING = Window(
    start=datetime(2026, 11, 20, 22, 40, tzinfo=UTC), end=datetime(2026, 11, 20, 23, 10, tzinfo=UTC)
)
MONTH = Window(
    start=datetime(2026, 10, 31, 23, tzinfo=UTC),
    end=datetime(2026, 11, 30, 23, tzinfo=UTC),
    by="placed",
)


def with_options(**options: str) -> Connection:
    return replace(CONNECTION, options={**CONNECTION.options, **options})


EXPORTED = with_options(bucket="shop-export", export_url=BUCKETS)


def pages(google: Google, window: Window, connection: Connection = CONNECTION) -> list[Page]:
    found = [list_orders(google.send, connection, window, None)]
    while found[-1].cursor is not None:
        found.append(list_orders(google.send, connection, window, found[-1].cursor))
    return found


def listed(google: Google, window: Window, connection: Connection = CONNECTION) -> list[Document]:
    return [each for page in pages(google, window, connection) for each in page.documents]


# --- Signing in


def answering(answer: object) -> tuple[list[Request], Any]:
    asked: list[Request] = []

    def send(request: Request) -> Response:
        asked.append(request)
        return Response(status=200, headers={}, body=json.dumps(answer).encode())

    return asked, send


def test_a_grant_is_got_with_the_refresh_token_which_stays() -> None:
    asked, send = answering({"access_token": "ya29.x", "expires_in": 3599, "token_type": "Bearer"})

    grant = sign_in(send, CONNECTION, None, NOW)

    assert grant == Grant(
        token="ya29.x",
        expires_at=NOW + timedelta(seconds=3599),
        refresh="of the first consent",
    )
    assert asked[0].url == "https://oauth2.googleapis.com/token"
    assert dict(parse_qsl((asked[0].body or b"").decode())) == {
        "grant_type": "refresh_token",
        "refresh_token": "of the first consent",
        "client_id": "the-client-id",
        "client_secret": "the-client-secret",
    }


def test_a_refresh_token_that_google_replaces_is_kept() -> None:
    _, send = answering({"access_token": "ya29.x", "expires_in": 3599, "refresh_token": "newer"})
    asked, again = answering({"access_token": "ya29.y", "expires_in": 3599})

    held = sign_in(send, CONNECTION, None, NOW)

    assert sign_in(again, CONNECTION, held, NOW).refresh == "newer"
    assert b"refresh_token=newer" in (asked[0].body or b"")


@pytest.mark.parametrize("answer", [{}, [], {"access_token": ""}, {"access_token": 5}])
def test_an_answer_without_a_token_comes_again(answer: object) -> None:
    with pytest.raises(Unavailable):
        sign_in(answering(answer)[1], CONNECTION, None, NOW)


# --- Reports


def test_a_sweep_asks_for_its_days_and_for_those_that_late_events_may_change() -> None:
    google = Google()

    pages(google, EVENING)

    assert [day for day, event, _ in google.asked() if event == "purchase"] == [
        "2026-11-17",
        "2026-11-18",
        "2026-11-19",
        "2026-11-20",
        "2026-11-21",
    ]
    assert {event for _, event, _ in google.asked()} == {"purchase", "refund", "code_applied"}


def test_a_backfill_is_the_days_of_the_property_and_no_others() -> None:
    google = Google()

    pages(google, MONTH, with_options(reports="purchases"))

    asked = [day for day, _, _ in google.asked()]
    assert (asked[0], asked[-1], len(asked)) == ("2026-11-01", "2026-11-30", 30)


def test_the_property_tells_its_zone_where_nobody_else_does() -> None:
    connection = with_options(zone="", reports="refunds")
    google = Google(zone="Asia/Tokyo")

    pages(google, replace(EVENING, by="placed"), connection)

    assert [day for day, _, _ in google.asked()] == ["2026-11-21"]
    assert len(google.questions) == 2


def test_a_zone_that_is_none_is_told() -> None:
    with pytest.raises(Invalid, match="zone"):
        pages(Google(), EVENING, with_options(zone="Madrid"))


def row(name: str) -> Plain:
    values = ("20261120", name, "AUTUMN10", "EUR")
    return {
        "dimensionValues": [{"value": each} for each in values],
        "metricValues": [{"value": "1"}, {"value": "10.5"}],
    }


def test_a_long_day_comes_page_by_page_and_whole(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(report_pages, "A_PAGE", 3)
    google = Google({("2026-11-20", "purchase"): [row(f"WEB-{at}") for at in range(7)]})
    connection = with_options(reports="purchases")

    found = [
        each.transaction_id
        for document in listed(google, EVENING, connection)
        for each in read_document(document, connection, IDENTIFY, NOW)
    ]

    assert found == [f"WEB-{at}" for at in range(7)]
    assert [offset for day, _, offset in google.asked() if day == "2026-11-20"] == ["0", "3", "6"]


def test_a_day_that_shrinks_while_it_is_listed_ends() -> None:
    def send(_: Request) -> Response:
        body = {"dimensionHeaders": [], "metricHeaders": [], "metadata": {}, "rowCount": 900}
        return Response(status=200, headers={}, body=json.dumps(body).encode())

    connection = with_options(reports="purchases")
    found = [list_orders(send, connection, EVENING, None)]
    while found[-1].cursor is not None:
        found.append(list_orders(send, connection, EVENING, found[-1].cursor))

    assert len(found) == 5


def test_the_same_report_is_the_same_document_whatever_it_cost() -> None:
    def documents(consumed: int) -> list[Document]:
        quota = {"tokensPerDay": {"consumed": consumed, "remaining": 190_000 - consumed}}
        return listed(Google(quota=quota), EVENING)

    assert documents(6) == documents(7)


def test_the_last_of_a_quota_is_left_to_the_shops_own_dashboards() -> None:
    google = Google(quota={"tokensPerHour": {"consumed": 10, "remaining": 499}})

    with pytest.raises(Throttled) as reason:
        pages(google, EVENING)
    assert reason.value.retry_after_s == 1800


def test_a_report_that_does_not_exist_is_told() -> None:
    with pytest.raises(Invalid, match=r"options\.reports"):
        pages(Google(), EVENING, with_options(reports="purchase"))


def test_a_connection_without_any_way_is_told() -> None:
    with pytest.raises(Invalid, match="options"):
        pages(Google(), EVENING, with_options(reports=""))


@pytest.mark.parametrize("body", [b"<html>", b"[]", b'{"rows": {"a": 1}}'])
def test_an_answer_that_is_no_report_comes_again(body: bytes) -> None:
    def send(_: Request) -> Response:
        return Response(status=200, headers={}, body=body)

    with pytest.raises(Unavailable):
        list_orders(send, CONNECTION, EVENING, None)


# --- The export's files


def event(at: int, name: str = "purchase") -> Plain:
    return {
        "event_date": "20261120",
        "event_timestamp": str(1795206720412000 + at),
        "event_name": name,
        "event_params": [{"key": "transaction_id", "value": {"string_value": f"WEB-{at}"}}],
    }


def lines(first: int, last: int, ending: str = "\n") -> bytes:
    rows = (json.dumps(event(at, "purchase" if at % 3 else "scroll")) for at in range(first, last))
    return (ending.join(rows) + ending).encode()


def bought(first: int, last: int) -> list[str]:
    return [f"WEB-{at}" for at in range(first, last) if at % 3]


def read(documents: list[Document]) -> list[str]:
    return [
        each.transaction_id
        for document in documents
        for each in read_document(document, EXPORTED, IDENTIFY, NOW)
    ]


DAY = "ga4/events_20261120.json"


def test_with_an_export_no_report_is_asked_for_unless_it_is_named() -> None:
    google = Google(objects={DAY: lines(0, 5)})

    assert read(listed(google, EVENING, EXPORTED)) == bought(0, 5)
    assert google.questions == []


def test_both_ways_come_one_after_the_other() -> None:
    google = Google(objects={DAY: lines(0, 5)})
    both = replace(EXPORTED, options={**EXPORTED.options, "reports": "refunds"})

    kinds = [each.kind for each in listed(google, EVENING, both)]

    assert kinds == ["refunds"] * 5 + ["events"]


@pytest.mark.parametrize("knows_ranges", [True, False])
@pytest.mark.parametrize("ending", ["\n", "\r\n"])
def test_a_large_file_is_read_in_pieces_at_whole_lines(
    monkeypatch: pytest.MonkeyPatch, knows_ranges: bool, ending: str
) -> None:
    monkeypatch.setattr(pieces, "A_PIECE", 1000)
    monkeypatch.setattr(export_pages, "A_DOCUMENT", 400)
    google = Google(objects={DAY: lines(0, 100, ending)}, knows_ranges=knows_ranges)

    documents = listed(google, EVENING, EXPORTED)

    assert read(documents) == bought(0, 100)
    assert max(len(each.body) for each in documents) < 600
    assert len(google.downloads) > 15


def test_a_file_that_does_not_end_its_last_line_is_read_to_its_end() -> None:
    google = Google(objects={DAY: lines(0, 5).rstrip(b"\n")})

    assert read(listed(google, EVENING, EXPORTED)) == bought(0, 5)


@pytest.mark.parametrize("members", [1, 3])
def test_a_packed_file_is_unpacked_in_pieces(monkeypatch: pytest.MonkeyPatch, members: int) -> None:
    monkeypatch.setattr(pieces, "A_PIECE", 100)
    monkeypatch.setattr(pieces, "UNPACKED", 1500)
    size = 120 // members
    packed = b"".join(gzip.compress(lines(at * size, (at + 1) * size)) for at in range(members))
    google = Google(objects={f"{DAY}.gz": packed})

    found = pages(google, EVENING, EXPORTED)

    assert read([each for page in found for each in page.documents]) == bought(0, 120)
    assert len(found) > 8


def test_a_packed_bomb_is_never_unpacked_whole(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pieces, "A_PIECE", 64 * 1024)
    monkeypatch.setattr(pieces, "UNPACKED", 256 * 1024)
    google = Google(objects={f"{DAY}.gz": gzip.compress(b" " * 50_000_000 + b"\n" + lines(1, 2))})

    page = list_orders(google.send, EXPORTED, EVENING, None)

    assert len(google.downloads) == 1
    assert page.cursor is not None
    assert dict(parse_qsl(page.cursor))["read"] == str(256 * 1024)


@pytest.mark.parametrize(
    ("content", "rule"),
    [
        (b"no gzip at all", "is not gzip"),
        (gzip.compress(lines(0, 50))[:-20], "is cut off"),
    ],
)
def test_a_broken_file_is_parked_by_name_and_the_next_is_read(content: bytes, rule: str) -> None:
    google = Google(objects={f"{DAY}.gz": content, "ga4/events_20261121.json": lines(0, 2)})

    broken, *rest = listed(google, EVENING, EXPORTED)

    with pytest.raises(Unreadable) as refusal:
        read([broken])
    assert (refusal.value.path, refusal.value.rule) == (f"{DAY}.gz", rule)
    assert read(rest) == bought(0, 2)


def test_a_line_that_is_no_json_parks_its_document_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(export_pages, "A_DOCUMENT", 400)
    google = Google(objects={DAY: lines(0, 9) + b"{cut\n" + lines(9, 30)})

    documents = listed(google, EVENING, EXPORTED)

    odd = [each for each in documents if b"{cut" in each.body]
    assert len(odd) == 1
    with pytest.raises(Unreadable):
        read(odd)
    assert set(read([each for each in documents if each not in odd])) < set(bought(0, 30))


def test_only_settled_days_in_json_are_read() -> None:
    names = (
        "ga4/events_intraday_20261120.json",
        "ga4/events_20261120.parquet",
        "ga4/events_2026112000.json",
        "ga4/events_20261399.json",
        "ga4/pseudonymous_users_20261120.json",
        "ga4/my_events_20261120.json",
    )
    google = Google(objects=dict.fromkeys(names, b"not to be read\n"))

    assert listed(google, EVENING, EXPORTED) == []
    assert google.downloads == []


@pytest.mark.parametrize(
    "name",
    [
        "events_20261120.json",
        "ga4/events_20261120-000000000001.jsonl",
        "ga4/events_20261120/part-07.ndjson",
        "ga4/events_20261120_000000000000.json.gz",
    ],
)
def test_a_days_files_may_be_called_so(name: str) -> None:
    content = gzip.compress(lines(0, 2)) if name.endswith(".gz") else lines(0, 2)
    google = Google(objects={name: content})

    assert read(listed(google, EVENING, EXPORTED)) == bought(0, 2)


def test_a_file_is_read_again_once_it_was_written_again_however_old_its_day() -> None:
    old, new = "ga4/events_20261101.json", "ga4/events_20261119.json"
    google = Google(objects={old: lines(0, 2), new: lines(2, 6)})
    google.written = {old: "2026-11-20T23:05:00Z", new: "2026-11-20T03:00:00.000Z"}

    assert read(listed(google, EVENING, EXPORTED)) == bought(0, 2)


def test_a_backfill_reads_the_files_of_its_days_whenever_they_were_written() -> None:
    days = ("20261031", "20261101", "20261130", "20261201")
    google = Google(objects={f"events_{day}.json": lines(1, 2) for day in days})
    google.written = dict.fromkeys(google.objects, "2020-01-01T00:00:00Z")

    listed(google, MONTH, EXPORTED)

    assert [name for name, _ in google.downloads] == [
        "events_20261101.json",
        "events_20261130.json",
    ]


def test_a_prefix_leaves_other_properties_alone() -> None:
    google = Google(objects={"a/events_20261120.json": lines(0, 3), "b/events_20261120.json": b"?"})
    connection = replace(EXPORTED, options={**EXPORTED.options, "prefix": "a/"})

    assert read(listed(google, EVENING, connection)) == bought(0, 3)


def test_a_file_that_is_replaced_while_it_is_read_is_left_to_the_next_window(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(pieces, "A_PIECE", 1000)
    google = Google(objects={DAY: lines(0, 100), "ga4/events_20261121.json": lines(0, 2)})
    first = list_orders(google.send, EXPORTED, EVENING, None)
    del google.objects[DAY]

    second = list_orders(google.send, EXPORTED, EVENING, first.cursor)
    third = list_orders(google.send, EXPORTED, EVENING, second.cursor)

    assert second.documents == ()
    assert read(list(third.documents)) == bought(0, 2)


def test_a_bucket_that_is_closed_to_us_is_told() -> None:
    def send(_: Request) -> Response:
        raise Refused("the vendor answered 403", status=403)

    with pytest.raises(Refused):
        list_orders(send, EXPORTED, EVENING, None)


def test_a_bucket_needs_its_host() -> None:
    with pytest.raises(Invalid, match=r"options\.export_url"):
        list_orders(Google().send, with_options(bucket="shop-export"), EVENING, None)
