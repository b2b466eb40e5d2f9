"""Has every contact one name, whoever tells of it and however often?"""

from dataclasses import fields, replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from vouchsafe.pure.touchpoint import Touchpoint, named

UNNAMED = Touchpoint(
    touchpoint_id="",
    customer="email:1",
    seen_at=datetime(2026, 11, 20, 9, 30, tzinfo=UTC),
    kind="click",
    utm_source="google",
    utm_medium="cpc",
    utm_campaign="autumn",
)
OTHERWISE: dict[str, Any] = {
    "customer": "email:2",
    "seen_at": UNNAMED.seen_at + timedelta(milliseconds=1),
    "kind": "visit",
    "utm_source": "bing",
    "utm_medium": "cpm",
    "utm_campaign": "winter",
    "campaign_id": "AUTUMN",
    "code": "SUNNY",
}


def test_a_name_of_its_own_stays() -> None:
    assert named(replace(UNNAMED, touchpoint_id="web-1")).touchpoint_id == "web-1"


def test_the_same_contact_has_the_same_name_again() -> None:
    again = replace(UNNAMED, seen_at=datetime.fromisoformat("2026-11-20T10:30:00+01:00"))

    assert named(UNNAMED) == named(named(again))
    assert named(UNNAMED).touchpoint_id.startswith("click-")


@pytest.mark.parametrize("field", [each.name for each in fields(Touchpoint)][1:])
def test_whatever_it_says_is_in_its_name(field: str) -> None:
    other = replace(UNNAMED, **{field: OTHERWISE[field]})

    assert named(other).touchpoint_id != named(UNNAMED).touchpoint_id


def test_what_stands_in_one_field_is_not_mistaken_for_another() -> None:
    one = replace(UNNAMED, utm_source="a#b", utm_medium="c")
    other = replace(UNNAMED, utm_source="a", utm_medium="b#c")

    assert named(one).touchpoint_id != named(other).touchpoint_id
