"""Does a fact say where it comes from, whichever road brought it?"""

from datetime import UTC, datetime
from hashlib import sha256

import pytest

from vouchsafe.pure.connection import Connection
from vouchsafe.pure.facts import GoneSaid, Notice, OrderKey
from vouchsafe.pure.hearing import Delivery, Document, notice_of
from vouchsafe.pure.identity import identify_with
from vouchsafe.pure.source import Source

NOW = datetime(2026, 11, 21, 12, tzinfo=UTC)
HERE = Connection(platform="deli", account="north")
BODY = b'{"id": 7}'
identify = identify_with(b"key")


def delivered(connection: Connection = HERE) -> Source:
    delivery = Delivery(platform="deli", account="north", headers={}, body=BODY, received_at=NOW)
    return Source.of_delivery(delivery, connection, identify, 3)


def test_both_roads_make_the_same_source_of_the_same_bytes() -> None:
    document = Document(kind="order", body=BODY)

    assert Source.of_document(document, HERE, identify, NOW, 3) == delivered()


def test_a_fact_says_whose_it_is_and_which_bytes_told_it() -> None:
    fact = delivered().fact("gone", "7", "8", "v1", GoneSaid(), ("email:x",))

    assert fact.order == OrderKey(platform="deli", account="north", order_id="7")
    assert (fact.kind, fact.object_id, fact.version) == ("gone", "8", "v1")
    assert (fact.body, fact.customer) == (GoneSaid(), ("email:x",))
    assert (fact.source_digest, fact.reader) == (sha256(BODY).hexdigest(), 3)
    assert fact.received_at == NOW


def test_a_customers_id_is_nobody_in_another_account() -> None:
    south = Connection(platform="deli", account="south")

    assert delivered().customer("7") == identify("customer", "deli/north/7")
    assert delivered().customer("7") != delivered(south).customer("7")


@pytest.mark.parametrize("nobody", [None, ""])
def test_no_customers_id_is_nobody(nobody: str | None) -> None:
    assert delivered().customer(nobody) is None


def test_a_notice_says_whom_to_ask_for_what() -> None:
    assert notice_of(HERE, "order", "7", version="3") == Notice(
        platform="deli", account="north", kind="order", object_id="7", details={"version": "3"}
    )
