"""Google Analytics' room: the reader's suite, and what only a front end's reports do."""

from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from functions.sources.google_analytics.read import read_document
from tests.sources.events import IDENTIFY, NOW, Event, Room
from tests.sources.mangling import changed
from tests.sources.suite import ReaderSuite
from vouchsafe.pure.codes import canonical
from vouchsafe.pure.connection import Connection
from vouchsafe.pure.errors import Unreadable
from vouchsafe.pure.hearing import Document
from vouchsafe.pure.sighting import Sighting

CONNECTION = Connection(
    platform="google_analytics",
    account="web",
    shop="properties/310000001",
    api_url="https://analyticsdata.googleapis.com",
    api_key="the-client-id",
    api_secret="the-client-secret",
    options={
        "login_url": "https://oauth2.googleapis.com/token",
        "refresh_token": "of the first consent",
        "zone": "Europe/Madrid",
    },
    access_token="the-token",
)
NO_FACTS = "a front end tells sightings, which never become an order or a redemption"
ROOM = Room(
    platform="google_analytics",
    reader=0,
    verify=None,
    read=None,
    read_document=read_document,
    connection=CONNECTION,
    document_kind="events",
    two_codes=("events.two_codes", frozenset()),
    zero_decimal=("events.yen", 1485),
    required={
        "events.purchase": (
            "rows",
            "rows[0].event_name",
            "rows[0].event_date",
            "rows[0].event_timestamp",
            "rows[0].event_params[0].key",
        ),
        "runReport.purchases": (
            "dimensionHeaders",
            "dimensionHeaders[0].name",
            "metricHeaders",
            "metadata",
        ),
    },
    amounts={},
    personal={
        "events.purchase": (
            "rows[0].user_pseudo_id",
            "rows[0].user_id",
            "rows[0].geo.city",
            "rows[0].device.language",
            "rows[0].event_params[4].value.string_value",
            "rows[0].items[0].item_name",
        ),
        "events.applied_and_abandoned": (
            "rows[0].user_pseudo_id",
            "rows[0].event_params[2].value.string_value",
        ),
    },
    exempt={
        "test_two_codes_make_two_redemptions": NO_FACTS,
        "test_a_currency_without_minor_units_keeps_its_amounts": NO_FACTS,
        "test_what_is_not_money_is_named": (
            "a value is what any browser said: one that is no money is not told, and fractions are"
            " rounded; a report's amounts are named"
        ),
    },
)


class TestGoogleAnalytics(ReaderSuite):
    room = ROOM


def seen(stem: str, body: bytes | None = None) -> tuple[Sighting, ...]:
    return Event(room=ROOM, stem=stem).pulled(body).sightings


def one(stem: str) -> Sighting:
    (only,) = seen(f"events.{stem}")
    return only


def with_value(stem: str, path: str, value: Any) -> tuple[Sighting, ...]:
    return seen(stem, changed(Event(room=ROOM, stem=stem).body(), path, value))


# --- Which codes were named


def test_every_code_of_order_and_items_is_named_once_in_order() -> None:
    assert one("two_codes").codes == tuple(map(canonical, ("VIP5", "FREESHIP", "SHOE20")))
    assert one("item_coupon").codes == (canonical("SHOE20"), "V1P5")


def test_what_is_not_set_is_no_code_and_the_purchase_stands() -> None:
    for stem in ("without_a_code", "not_set"):
        said = one(stem)
        assert (said.kind, said.codes, said.amount_minor) == ("purchased", (), 5800)


def test_a_shop_may_have_another_separator() -> None:
    assert one("other_separator").codes == (canonical("VIP5"), canonical("FREESHIP"))


def test_what_stands_in_the_coupon_is_not_guessed_at() -> None:
    assert one("coupon_is_an_amount").codes == (canonical("10.00"),)


# --- What is one event


def test_a_page_that_is_loaded_again_is_a_second_event() -> None:
    for stem in ("same_page_twice", "in_one_batch"):
        first, second = seen(f"events.{stem}")
        assert first.sighting_id != second.sighting_id
        assert replace(first, sighting_id="") == replace(second, sighting_id="")


def test_a_row_that_is_exported_twice_is_one_event() -> None:
    first, second = seen("events.same_row_twice")

    assert first == second


def test_an_event_is_the_same_in_the_file_of_another_account_and_not_its_browser() -> None:
    event = Event(room=ROOM, stem="events.purchase")
    (other,) = read_document(event.document(), replace(CONNECTION, account="shop"), IDENTIFY, NOW)

    assert other.sighting_id != one("purchase").sighting_id


def test_consent_that_is_denied_leaves_the_purchase() -> None:
    said = one("consent_denied")

    assert (said.transaction_id, said.codes) == ("WEB-99823", (canonical("AUTUMN10"),))


def test_a_checkout_counts_once_for_each_accepted_code() -> None:
    said = seen("events.applied_three_times")

    assert {(each.codes, each.transaction_id) for each in said} == {
        ((canonical("AUTUMN10"),), ""),
        ((canonical("VIP5"),), ""),
    }
    assert len(set(said)) == 2


def test_what_was_rejected_or_has_no_result_was_not_applied() -> None:
    assert seen("events.applied_and_rejected") == ()
    assert seen("events.applied_without_a_result") == ()


def test_a_code_is_applied_once_by_a_browser_that_names_no_checkout() -> None:
    assert len(set(seen("events.applied_by_two"))) == 3


def test_where_nobody_is_known_every_event_is_one_of_its_own() -> None:
    assert len(set(seen("events.applied_by_nobody"))) == 2


def test_the_event_may_be_called_otherwise() -> None:
    assert len(seen("events.applied_by_another_name")) == 1


# --- How much is it


@pytest.mark.parametrize(
    ("stem", "amount", "currency"),
    [
        ("purchase", 10620, "EUR"),
        ("foreign", 8999, "GBP"),
        ("yen", 1485, "JPY"),
        ("binary_fraction", 3599, "EUR"),
        ("numbers_for_text", 5800, "EUR"),
        ("currency_missing", None, None),
        ("currency_of_nowhere", None, None),
        ("value_that_is_text", None, "EUR"),
    ],
)
def test_money_is_that_of_the_event(stem: str, amount: int | None, currency: str | None) -> None:
    said = one(stem)

    assert (said.amount_minor, said.currency) == (amount, currency)


@pytest.mark.parametrize("value", ["NaN", "Infinity", "-Infinity", 1e300, "9" * 40])
def test_a_number_that_is_no_money_is_not_told(value: object) -> None:
    (said,) = with_value("events.purchase", "rows[0].ecommerce.purchase_revenue", value)

    assert (said.amount_minor, said.currency) == (None, "EUR")


@pytest.mark.parametrize("value", ["twelve", "1.2.3", [1], {"a": 1}])
def test_a_column_of_another_type_is_named(value: object) -> None:
    path = "rows[0].ecommerce.purchase_revenue"

    with pytest.raises(Unreadable) as refusal:
        with_value("events.purchase", path, value)
    assert refusal.value.path.startswith(path)


def test_what_goes_back_is_positive() -> None:
    assert [each.amount_minor for each in seen("events.partial_refund")] == [7150]
    (refund,) = seen("events.refund")
    assert (refund.kind, refund.day, refund.codes) == ("refunded", date(2026, 11, 22), ())


# --- What is none of ours


def test_other_events_are_passed_over_whatever_they_hold() -> None:
    assert [each.transaction_id for each in seen("events.of_no_use_to_us")] == ["WEB-99812"]


def test_a_row_that_cannot_be_read_is_named_with_its_place() -> None:
    for stem, path in (
        ("events.unreadable_without_a_name", "rows[1].event_name"),
        ("events.unreadable_type", "rows[1].event_params[1].value.string_value"),
        ("events.unreadable_day", "rows[0].event_date"),
    ):
        with pytest.raises(Unreadable) as refusal:
            seen(stem)
        assert refusal.value.path == path


@pytest.mark.parametrize("value", [True, 1.5, "soon", None])
def test_a_timestamp_is_a_whole_number(value: object) -> None:
    with pytest.raises(Unreadable, match="event_timestamp"):
        with_value("events.purchase", "rows[0].event_timestamp", value)


def test_a_document_of_another_kind_is_unreadable() -> None:
    with pytest.raises(Unreadable, match=r"document\.kind"):
        read_document(Document(kind="order", body=b"{}"), CONNECTION, IDENTIFY, NOW)


# --- What a report says


def test_a_report_tells_how_often_and_which_rows_were_bought() -> None:
    said = seen("runReport.purchases")

    assert [(each.transaction_id, each.times, each.amount_minor) for each in said] == [
        ("WEB-99812", 1, 10620),
        ("WEB-99830", 2, 34200),
        ("WEB-99813", 1, 5800),
        ("WEB-99825", 1, 1250),
    ]
    assert [each.codes for each in said][2:] == [(), ()]


def test_amounts_of_another_currency_were_converted_and_are_not_told() -> None:
    said = seen("runReport.foreign_currencies")

    assert [(each.amount_minor, each.currency) for each in said] == [
        (None, "GBP"),
        (None, "JPY"),
        (None, None),
    ]
    assert [each.amount_minor for each in seen("runReport.yen")] == [1485]


def test_a_report_counts_checkouts_and_events_where_none_is_told() -> None:
    said = set(seen("runReport.applied"))

    assert sorted((each.codes, each.times) for each in said) == [
        ((canonical("AUTUMN10"),), 1),
        ((canonical("AUTUMN10"),), 4),
        ((canonical("VIP5"),), 1),
    ]


@pytest.mark.parametrize(
    ("stem", "path"),
    [
        ("data_loss", "metadata.dataLossFromOtherRow"),
        ("thresholding", "metadata.subjectToThresholding"),
        ("sampling", "metadata.samplingMetadatas"),
        ("other_columns", "dimensionHeaders"),
    ],
)
def test_a_report_that_is_not_whole_is_refused_whole(stem: str, path: str) -> None:
    with pytest.raises(Unreadable) as refusal:
        seen(f"runReport.unreadable_{stem}")
    assert refusal.value.path == path


@pytest.mark.parametrize("value", ["NaN", "Infinity", "twelve", "1.2.3", ""])
def test_an_amount_of_a_report_is_named(value: str) -> None:
    path = "rows[0].metricValues[1].value"

    with pytest.raises(Unreadable) as refusal:
        with_value("runReport.purchases", path, value)
    assert refusal.value.path == path


@pytest.mark.parametrize("value", ["1.5", "-1", "many", "1e40"])
def test_a_count_of_a_report_is_named(value: str) -> None:
    path = "rows[0].metricValues[0].value"

    with pytest.raises(Unreadable) as refusal:
        with_value("runReport.purchases", path, value)
    assert refusal.value.path == path


def test_a_row_has_a_cell_for_each_column() -> None:
    event = Event(room=ROOM, stem="runReport.purchases")

    with pytest.raises(Unreadable) as refusal:
        seen(event.stem, changed(event.body(), "rows[0].metricValues", []))
    assert refusal.value.path == "rows[0]"


def test_a_name_that_any_browser_may_say_refuses_no_report() -> None:
    assert [each.transaction_id for each in seen("runReport.named_like_the_other_row")] == [
        "WEB-99812",
        "(other)",
    ]


@pytest.mark.parametrize("name", ["x" * 301, "\u20ac" * 101])
def test_an_id_that_is_none_is_not_told(name: str) -> None:
    (said,) = with_value("events.purchase", "rows[0].event_params[0].value.string_value", name)

    assert (said.transaction_id, said.codes) == ("", (canonical("AUTUMN10"),))


def test_report_and_export_never_overwrite_each_other() -> None:
    by_report = {each.sighting_id for each in seen("runReport.purchases")}

    assert all(each.startswith("report:") for each in by_report)
    assert one("purchase").sighting_id.startswith("event:")
