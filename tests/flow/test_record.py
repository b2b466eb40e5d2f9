"""Do facts and touchpoints of one saying reach their tables, and none of them silently nowhere?"""

from datetime import UTC, datetime

import pytest

from tests.flow.deliveries import order
from vouchsafe.edge import facts_table, touchpoints_table
from vouchsafe.flow.record import record
from vouchsafe.flow.record_touched import record_touched
from vouchsafe.pure.errors import Invalid
from vouchsafe.pure.touchpoint import Touchpoint

pytestmark = pytest.mark.usefixtures("aws")
SEEN = datetime(2026, 11, 20, 12, tzinfo=UTC)
GIVEN = Touchpoint(
    touchpoint_id="1", customer="email:1", seen_at=SEEN, kind="publication", code="SUMMER10"
)


def test_facts_and_touchpoints_are_kept_each_in_its_place() -> None:
    fact = order("1")

    assert record_touched([GIVEN, fact]) == 2
    assert record_touched([fact, GIVEN, GIVEN]) == 0
    assert len(facts_table.of_order(fact.order.text())) == 1
    assert touchpoints_table.of_person("email:1", SEEN, SEEN.replace(hour=13)) == [GIVEN]
    assert touchpoints_table.published("SUMMER10")


def test_a_room_that_keeps_no_touchpoints_says_so() -> None:
    with pytest.raises(Invalid):
        record([GIVEN])
