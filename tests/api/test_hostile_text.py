"""Does text stay text, wherever a caller puts it: told as it was sent, or refused?"""

import csv
import io
from collections.abc import Iterator, Mapping
from copy import deepcopy
from typing import Any
from urllib.parse import quote

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from functions.api.register import orders
from tests.api import room
from tests.api.test_register_hostile import INJECTIONS
from tests.api.test_validations import Shop, an_order, worked_off
from tests.api.test_validations import given as terms
from tests.register.conftest import aws, made
from vouchsafe.edge import uses_table
from vouchsafe.pure import register_values
from vouchsafe.pure.drawing import CodeOrder
from vouchsafe.pure.errors import Invalid
from vouchsafe.pure.register_rows import COLUMNS

__all__ = ["aws", "made"]

PERSON = {
    "email": "ann@example.com",
    "phone": "+34 1",
    "loyalty_id": "7",
    "customer_id": "8",
    "card_fingerprint": "9",
}
ORDER = an_order(
    location_id="L1",
    device="till",
    customer=PERSON,
    placed_at="2026-11-20T11:00:00Z",
    stock={"MUG": 3},
)
# Longest first: as many bytes as a name may have, and as a key of a table may not.
TEXTS = ("𝕬" * 255, "#" * 255, *INJECTIONS)
CALLS: Mapping[str, dict[str, Any]] = {
    "validate": {"codes": ["TEN"], "session": "s1", "order": ORDER},
    "best": {"codes": ["TEN"], "session": "s1", "order": ORDER},
    "reserve": {"codes": ["TEN"], "session": "s1", "order": ORDER},
    "redeem": {"codes": ["TEN"], "session": "s1", "order": ORDER},
    "orders/W1/rollback": {"because": "no show"},
    "orders/W1/return": {"return_id": "r1", "lines": [{"line_id": "1", "quantity": "1"}]},
}
Place = tuple[str | int, ...]


def _texts(body: Any, at: Place = ()) -> Iterator[Place]:
    """Where a body has text."""
    if isinstance(body, str):
        yield at
    elif isinstance(body, list | dict):
        for step, part in body.items() if isinstance(body, dict) else enumerate(body):
            yield from _texts(part, (*at, step))


def _with(body: dict[str, Any], place: Place, text: str) -> dict[str, Any]:
    found = deepcopy(body)
    part: Any = found
    for step in place[:-1]:
        part = part[step]
    part[place[-1]] = text
    return found


PLACES = [
    pytest.param(verb, place, id=f"{verb}-{'.'.join(map(str, place))}")
    for verb, body in CALLS.items()
    for place in _texts(body)
]


@pytest.mark.parametrize(("verb", "place"), PLACES)
def test_text_from_a_shop_is_refused_or_told_as_it_was_sent(
    aws: None, monkeypatch: pytest.MonkeyPatch, verb: str, place: Place
) -> None:
    shop = Shop(monkeypatch)
    shop.knows(*terms("TEN"))
    shop.asks("redeem", "TEN")
    shop.ends("confirm")

    for text in TEXTS:
        told = shop.call("POST", f"/{verb}", _with(CALLS[verb], place, text))

        assert told.status in (200, 400, 409), (text, told.body)
        assert told.headers.keys() == {"content-type", "cache-control"}
        if told.status == 200 and place == ("order", "order_id"):
            assert told.body["order_id"] == text
            path = f"/orders/{quote(text, safe='')}"
            assert shop.call("GET", path).body["order_id"] == text
    assert {claim.code for claim in uses_table.all_claims()} == {"TEN"}
    assert worked_off()


@pytest.mark.parametrize(
    ("verb", "place", "field"),
    [
        ("reserve", ("order", "order_id"), "order.order_id"),
        ("reserve", ("order", "location_id"), "order.location_id"),
        ("orders/W1/return", ("return_id",), "return_id"),
    ],
)
def test_a_name_that_no_key_could_hold_is_refused_by_name(
    aws: None, monkeypatch: pytest.MonkeyPatch, verb: str, place: Place, field: str
) -> None:
    shop = Shop(monkeypatch)

    for text in ("𝕬" * 255, "#" * 255, "𝕬" * 64):
        told = shop.call("POST", f"/{verb}", _with(CALLS[verb], place, text))

        assert (told.status, told.body["field"]) == (400, field)


@pytest.mark.usefixtures("aws")
@pytest.mark.parametrize("text", INJECTIONS)
def test_text_in_any_cell_of_a_draft_is_kept_as_it_is_and_goes_no_further(text: str) -> None:
    rows = {
        kind: [dict.fromkeys(columns.all(), text)]
        for kind, columns in COLUMNS.items()
        if kind != "touchpoints"
    }

    told = room.call("eva", "POST", "/register/proposals", room.body_of(rows))

    assert told.status == 201
    assert room.read(told.body)["rows"] == rows
    assert room.step("eva", told.body, "submit").status != 200


@pytest.mark.usefixtures("aws")
@pytest.mark.parametrize("text", INJECTIONS)
def test_text_that_the_register_takes_is_told_as_it_was_said(text: str) -> None:
    cells = dict.fromkeys(("name", "purpose", "owner"), text)
    rows = {**room.ROWS, "campaigns": [room.CAMPAIGN | cells]}
    proposal = room.drafted(rows=rows)

    if proposal["check"]["sound"]:
        room.step("ana", room.step("eva", proposal, "submit").body, "approve")
        assert room.carried_out() == []
        row = room.call("vera", "GET", "/register/campaigns/AUTUMN26").body["row"]
        assert row.items() >= cells.items()
    else:
        assert {fault["field"] for fault in proposal["check"]["faults"]} <= cells.keys()


@given(st.text(min_size=1, max_size=30), st.booleans())
def test_codes_that_are_taken_out_are_cells_that_no_spreadsheet_runs(
    promotion_id: str, header: bool
) -> None:
    try:
        register_values.name_of_thing(promotion_id)
    except Invalid:
        assume(False)
    order = CodeOrder(promotion_id=promotion_id, pattern="A-{4}", count=2)

    text = orders.csv(order, ("A-BCDF", "A-GHJK"), header=header)

    rows = list(csv.reader(io.StringIO(text)))
    assert rows[-2:] == [["A-BCDF", promotion_id], ["A-GHJK", promotion_id]]
    assert len(rows) == 2 + header
    assert not [cell for row in rows for cell in row if cell[0] in "=+-@\t\r"]
