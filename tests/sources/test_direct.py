"""Our own room: what the API was told, whole and once."""

from functions.sources.direct.read import READER, read_document
from tests.sources.events import IDENTIFY, NOW, Event, Room
from tests.sources.suite import ReaderSuite
from vouchsafe.pure.codes import canonical
from vouchsafe.pure.connection import Connection
from vouchsafe.pure.facts import Fact
from vouchsafe.pure.hearing import Document
from vouchsafe.pure.order import Order, fold

CONNECTION = Connection(platform="direct", account="webshop")
ROOM = Room(
    platform="direct",
    reader=READER,
    verify=None,
    read=None,
    read_document=read_document,
    connection=CONNECTION,
    two_codes=("order.two_codes", frozenset({canonical("AUTUMN10"), canonical("VIP5")})),
    zero_decimal=("order.yen", 1485),
    required={
        "order.confirmed": (
            "order_id",
            "version",
            "currency",
            "placed_at",
            "updated_at",
            "lines[0].line_id",
            "lines[0].quantity",
            "lines[0].gross_minor",
            "discounts[0].code",
            "discounts[0].amount_minor",
        ),
        "order.returned": ("returns[0].return_id", "returns[0].at", "returns[0].amount_minor"),
    },
    amounts={
        "order.confirmed": (
            "shipping_minor",
            "lines[0].gross_minor",
            "discounts[0].amount_minor",
        ),
        "order.returned": ("returns[0].amount_minor",),
    },
    personal={},
    exempt={
        "test_no_word_of_a_person_is_kept": (
            "the document has no place for a name: people are identity keys before they come here"
        )
    },
)


class TestDirect(ReaderSuite):
    room = ROOM


def told(stem: str) -> tuple[Fact, ...]:
    body = Event(room=ROOM, stem=stem).path(".document.json").read_bytes()
    found = read_document(Document(kind="order", body=body), CONNECTION, IDENTIFY, NOW)
    return tuple(each for each in found if isinstance(each, Fact))


def folded(*stems: str) -> Order:
    order = fold(fact for stem in stems for fact in told(stem))
    assert order is not None
    return order


def test_the_newest_word_of_an_order_stands_in_any_order() -> None:
    stems = ("order.redeemed", "order.confirmed", "order.partly_returned", "order.returned")

    assert folded(*stems) == folded(*stems[::-1])
    assert folded(*stems).stage == folded("order.returned").stage


def test_a_redeemed_order_is_open_and_a_confirmed_one_is_not() -> None:
    assert folded("order.redeemed").stage == "open"
    assert folded("order.redeemed", "order.confirmed").stage == "confirmed"


def test_a_return_takes_back_the_frozen_shares() -> None:
    order = folded("order.confirmed", "order.partly_returned")

    (discount,) = order.charged
    assert (discount.amount_minor, discount.returned_minor) == (750, 250)
    assert order.refunded_minor == 2250


def test_everything_returned_gives_all_of_the_discount_back() -> None:
    order = folded("order.returned")

    assert [each.returned_minor for each in order.charged] == [750]


def test_a_rollback_reverses_the_order() -> None:
    order = folded("order.confirmed", "order.rolled_back")

    assert (order.stage, order.reversed_because) == ("reversed", "the guest cancelled")
