"""Does the table of touchpoints tell who was seen when?"""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import boto3
import pytest

from tests.register.saying import CLICK
from vouchsafe.edge import touchpoints_table
from vouchsafe.pure import instant
from vouchsafe.pure.touchpoint import Touchpoint

pytestmark = pytest.mark.usefixtures("aws")
HOUR = timedelta(hours=1)


def seen(hours: int, name: str = "") -> Touchpoint:
    return replace(CLICK, touchpoint_id=name or f"t{hours}", seen_at=CLICK.seen_at + hours * HOUR)


def test_a_span_is_half_open_and_told_oldest_first() -> None:
    touches = [seen(hours) for hours in range(5)]
    touchpoints_table.write(reversed(touches))

    found = touchpoints_table.of_person("email:1", touches[1].seen_at, touches[4].seen_at)

    assert found == touches[1:4]


def test_the_latest_come_first() -> None:
    touches = [seen(hours) for hours in range(5)]
    touchpoints_table.write(touches)

    found = touchpoints_table.latest_of_person("email:1", touches[4].seen_at, 2)

    assert found == [touches[3], touches[2]]


def test_contacts_at_one_instant_are_all_kept_and_repeats_are_not() -> None:
    touches = [seen(1, "a"), seen(1, "b#1")]
    touchpoints_table.write(touches)
    touchpoints_table.write(touches)

    assert touchpoints_table.of_person("email:1", CLICK.seen_at, seen(9).seen_at) == touches


def test_persons_are_kept_apart() -> None:
    touchpoints_table.write([CLICK, replace(CLICK, customer="email:2")])

    assert touchpoints_table.of_person("email:1", CLICK.seen_at, seen(1).seen_at) == [CLICK]


def test_whether_anybody_was_given_a_code_is_known() -> None:
    sent = replace(CLICK, kind="publication")
    touchpoints_table.write(
        [
            replace(sent, touchpoint_id="a", code="SUNNY", campaign_id="SUMMER"),
            replace(sent, touchpoint_id="b", campaign_id="WINTER"),
            replace(CLICK, touchpoint_id="c", code="CLICKED", campaign_id="SPRING"),
        ]
    )

    codes = [touchpoints_table.published(code) for code in ("SUNNY", "CLICKED", "OTHER")]
    campaigns = [touchpoints_table.published_in(name) for name in ("SUMMER", "WINTER", "SPRING")]

    assert codes == [True, False, False]
    assert campaigns == [False, True, False]
    assert touchpoints_table.is_marker("published#code#SUNNY")
    assert not touchpoints_table.is_marker("email:1")


def test_a_stream_record_tells_its_touchpoint(
    stream_image: Callable[[str, dict[str, Any]], dict[str, Any]],
) -> None:
    touchpoints_table.write([CLICK])
    key = {"pk": {"S": "email:1"}, "sk": {"S": f"{instant.text(CLICK.seen_at)}#t1"}}

    assert touchpoints_table.from_image(stream_image("Touchpoints", key)) == CLICK
    assert "ann@" not in str(boto3.client("dynamodb").scan(TableName="Touchpoints"))


def test_what_is_kept_already_is_not_new() -> None:
    touches = [seen(1), seen(2)]

    assert touchpoints_table.keep([seen(1), seen(1)]) == 1
    assert touchpoints_table.keep(touches) == 1
    assert touchpoints_table.keep(touches) == 0
    assert touchpoints_table.of_person("email:1", CLICK.seen_at, seen(9).seen_at) == touches
