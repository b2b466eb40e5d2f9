"""What Upserve is asked: whole trading days, page by page, and older ones once a day."""

import json
from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import pytest

from functions.sources.upserve.api import CHECKS_A_PAGE, list_orders
from tests.sources.test_upserve import CONNECTION
from vouchsafe.pure.errors import Unavailable
from vouchsafe.pure.hearing import Document
from vouchsafe.pure.pull import Page, Request, Response, Window

Plain = dict[str, Any]
EVENING = Window(
    start=datetime(2026, 11, 20, 23, 40, tzinfo=UTC), end=datetime(2026, 11, 21, 0, 5, tzinfo=UTC)
)


class Venue:
    """A venue with these checks by day; `counts` is whether it tells how many there are."""

    def __init__(self, days: dict[str, Iterable[Plain]], *, counts: bool = True) -> None:
        self.asked: list[tuple[str, int]] = []
        self._days = {day: list(checks) for day, checks in days.items()}
        self._counts = counts

    def send(self, request: Request) -> Response:
        parts = urlsplit(request.url)
        assert request.method == "GET"
        assert request.url.startswith("https://api.breadcrumb.com/ws/v2/checks.json?")
        assert request.headers["X-Breadcrumb-Username"] == "api_kew-llc"
        assert request.headers["X-Breadcrumb-Password"] == "the-password"
        assert request.headers["X-Breadcrumb-API-Key"] == "the-api-key"
        asked = dict(parse_qsl(parts.query))
        day, offset, limit = asked["date"], int(asked["offset"]), int(asked["limit"])
        self.asked.append((day, offset))
        held = self._days.get(day, [])
        objects, more = held[offset : offset + limit], offset + limit < len(held)
        meta: Plain = {"limit": limit, "offset": offset}
        if self._counts:
            meta |= {"total_count": len(held)}
        else:
            meta |= {"next": "/ws/v2/checks.json?offset=1" if more else None}
        body = json.dumps({"meta": meta, "objects": objects}).encode()
        return Response(status=200, headers={}, body=body)


def checks(number: int) -> list[Plain]:
    return [{"id": f"check-{at}", "total": "1.00"} for at in range(number)]


def pages(venue: Venue, window: Window) -> list[Page]:
    found = [list_orders(venue.send, CONNECTION, window, None)]
    while found[-1].cursor:
        found.append(list_orders(venue.send, CONNECTION, window, found[-1].cursor))
    return found


def listed(venue: Venue, window: Window) -> list[Document]:
    return [each for page in pages(venue, window) for each in page.documents]


def test_a_sweep_asks_for_the_current_and_the_previous_trading_day() -> None:
    venue = Venue({})

    pages(venue, EVENING)

    # In the venue it is the evening of the 20th, or the small hours of a day that began then.
    assert [day for day, _ in venue.asked] == ["20261119", "20261120", "20261121"]


@pytest.mark.parametrize("counts", [True, False])
def test_every_check_of_a_long_day_is_listed_once(counts: bool) -> None:
    venue = Venue({"20261120": checks(2 * CHECKS_A_PAGE + 7)}, counts=counts)

    found = listed(venue, EVENING)

    assert len(found) == len(set(found)) == 2 * CHECKS_A_PAGE + 7
    assert [offset for day, offset in venue.asked if day == "20261120"] == [0, 250, 500]


def test_a_full_last_page_ends_its_day() -> None:
    venue = Venue({"20261120": checks(CHECKS_A_PAGE)})

    listed(venue, EVENING)

    assert venue.asked.count(("20261120", CHECKS_A_PAGE)) == 0


def test_a_day_that_shrinks_while_it_is_listed_ends() -> None:
    shrinking = {"meta": {"total_count": 900, "next": "more"}, "objects": []}

    def send(_request: Request) -> Response:
        return Response(status=200, headers={}, body=json.dumps(shrinking).encode())

    page = list_orders(send, CONNECTION, EVENING, None)

    assert page.cursor is not None
    assert json.loads(page.cursor)["days"] == ["20261120", "20261121"]


def test_once_a_day_a_week_is_looked_at() -> None:
    venue = Venue({})
    nine = Window(
        start=datetime(2026, 11, 20, 8, 50, tzinfo=UTC),
        end=datetime(2026, 11, 20, 9, 15, tzinfo=UTC),
    )

    pages(venue, nine)

    assert venue.asked[0][0] == "20261111"
    assert venue.asked[-1][0] == "20261120"


def test_a_month_of_the_past_is_its_days_and_those_beside() -> None:
    venue = Venue({})
    month = Window(
        start=datetime(2026, 1, 1, 5, tzinfo=UTC),
        end=datetime(2026, 2, 1, 5, tzinfo=UTC),
        by="placed",
    )

    pages(venue, month)

    assert (venue.asked[0][0], venue.asked[-1][0]) == ("20251230", "20260201")
    assert len(venue.asked) == 34


def test_a_check_is_one_text_however_it_was_written() -> None:
    (one,) = checks(1)
    turned = {name: one[name] for name in reversed(one)}

    assert listed(Venue({"20261120": [one]}), EVENING) == listed(
        Venue({"20261120": [turned]}), EVENING
    )


@pytest.mark.parametrize("body", [b"<html>", b"[]", b"{}", b'{"objects": {}}', b'{"objects": [1]}'])
def test_an_answer_without_checks_comes_again(body: bytes) -> None:
    def send(_request: Request) -> Response:
        return Response(status=200, headers={}, body=body)

    with pytest.raises(Unavailable):
        list_orders(send, CONNECTION, EVENING, None)
