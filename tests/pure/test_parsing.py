"""A document is a model, or an error that names the place and keeps the value to itself."""

import json
from datetime import UTC, datetime
from decimal import Decimal

import pytest

from vouchsafe.pure.errors import Unreadable
from vouchsafe.pure.parsing import (
    Amount,
    Instant,
    Key,
    Millis,
    Narrow,
    Quantity,
    UtcInstant,
    parsed,
)


class Line(Narrow):
    uid: Key
    quantity: Quantity


class Bill(Narrow):
    at: Instant
    lines: tuple[Line, ...] = ()


def _refused(raw: bytes) -> Unreadable:
    with pytest.raises(Unreadable) as refusal:
        parsed(Bill, raw)
    return refusal.value


def test_a_document_is_read_in_utc_and_exactly() -> None:
    bill = parsed(
        Bill,
        b'{"at": "2026-11-20T16:04:04.9+01:00", "lines": [{"uid": "a", "quantity": "1.70"}]}',
    )

    assert bill.at == datetime(2026, 11, 20, 15, 4, 4, 900_000, tzinfo=UTC)
    assert bill.lines[0].quantity == Decimal("1.70")


def test_a_missing_field_is_named_by_its_path() -> None:
    refusal = _refused(b'{"at": "2026-11-20T15:04:05Z", "lines": [{"uid": "a"}]}')

    assert (refusal.path, refusal.rule) == ("lines[0].quantity", "is missing")


@pytest.mark.parametrize("raw", [b"", b"no", b"[" * 100_000, b'{"at": "\xff"}', b"null", b"[]"])
def test_what_is_no_object_is_named_as_the_document(raw: bytes) -> None:
    assert _refused(raw).path in ("document", "at")


@pytest.mark.parametrize(
    "at", ["2026-11-20T15:04:05", "yesterday", "", "0001-01-01T00:00:00+23:59", 7, None]
)
def test_an_instant_needs_its_offset(at: object) -> None:
    assert _refused(json.dumps({"at": at}).encode()).path == "at"


@pytest.mark.parametrize("quantity", ["NaN", "Infinity", "1e400", "1e-400", "one", "", None, []])
def test_a_quantity_is_a_plain_decimal(quantity: object) -> None:
    raw = json.dumps({"at": "2026-11-20T15:04:05Z", "lines": [{"uid": "a", "quantity": quantity}]})

    assert _refused(raw.encode()).path == "lines[0].quantity"


def test_an_error_never_repeats_what_was_sent() -> None:
    refusal = _refused(b'{"at": "ann@example.com"}')

    assert "ann" not in str(refusal)
    assert refusal.__cause__ is None
    assert refusal.__context__ is None


@pytest.mark.parametrize("quantity", ["[null, null, null]", "[0, [1, 2], 3]", "[]"])
def test_a_list_is_no_quantity(quantity: str) -> None:
    refusal = _refused(
        b'{"at": "2026-11-20T15:04:05Z", "lines": [{"uid": "a", "quantity": %s}]}'
        % quantity.encode()
    )

    assert refusal.path == "lines[0].quantity"


class Paid(Narrow):
    total: Amount


@pytest.mark.parametrize("raw", [b"19.99", b'"19.99"'])
def test_an_amount_is_exact_as_a_number_and_as_text(raw: bytes) -> None:
    assert parsed(Paid, b'{"total": ' + raw + b"}").total == Decimal("19.99")


@pytest.mark.parametrize(
    "raw", [b'"NaN"', b'"Infinity"', b'[0, [1], "n"]', b'"1,99"', b'""', b"null"]
)
def test_what_is_no_amount_is_named(raw: bytes) -> None:
    with pytest.raises(Unreadable) as refusal:
        parsed(Paid, b'{"total": ' + raw + b"}")
    assert refusal.value.path == "total"


class Stamped(Narrow):
    told: UtcInstant | None = None
    written: Millis | None = None


@pytest.mark.parametrize(
    "raw",
    [
        b'{"told": "2026-11-20T15:04:04.9"}',
        b'{"told": "2026-11-20T15:04:04.900Z"}',
        b'{"told": "2026-11-20T16:04:04.9+01:00"}',
        b'{"written": 1795187044900}',
    ],
)
def test_an_instant_may_be_in_utc_without_saying_so_or_in_milliseconds(raw: bytes) -> None:
    stamped = parsed(Stamped, raw)

    assert (stamped.told or stamped.written) == datetime(
        2026, 11, 20, 15, 4, 4, 900_000, tzinfo=UTC
    )


@pytest.mark.parametrize(
    ("name", "told"),
    [
        *(("told", each) for each in ("", "yesterday", 1795187044900, "0001-01-01T00:00:00+23:59")),
        *(("written", each) for each in (0, -1, 10**14, True, 1.5, "1795187044900")),
    ],
)
def test_what_is_no_such_instant_is_named(name: str, told: object) -> None:
    with pytest.raises(Unreadable) as refusal:
        parsed(Stamped, json.dumps({name: told}).encode())
    assert refusal.value.path == name
