"""Is a giving named by what it is, and is what is too much for a person told from what is not?"""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest

from vouchsafe.pure.publication import Publication, Reached, named, too_many
from vouchsafe.pure.release import Fatigue

NOON = datetime(2026, 11, 20, 12, tzinfo=UTC)
DAY = date(2026, 11, 20)
GIVEN = named(
    Publication(
        publication_id="",
        promotion_id="MAIL",
        campaign_id="AUTUMN",
        code="MA1L",
        at=NOON,
        utm_source="newsletter",
        utm_medium="email",
        customer=("email:1", "phone:2"),
    )
)


@pytest.mark.parametrize(
    "said", [{"by": "person:eva"}, {"customer": ("email:1",)}, {"utm_source": "crm"}]
)
def test_a_repeat_that_knows_more_or_less_is_the_same(said: dict[str, object]) -> None:
    assert named(replace(GIVEN, **said)).publication_id == GIVEN.publication_id  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "said",
    [
        {"code": "OTHER"},
        {"promotion_id": "POSTER"},
        {"at": NOON + timedelta(milliseconds=1)},
        {"customer": ("email:2",)},
        {"customer": ()},
    ],
)
def test_another_code_person_or_time_is_another(said: dict[str, object]) -> None:
    assert named(replace(GIVEN, **said)).publication_id != GIVEN.publication_id  # type: ignore[arg-type]


def test_names_sort_by_time() -> None:
    later = named(replace(GIVEN, at=NOON + timedelta(seconds=1)))

    assert GIVEN.publication_id < later.publication_id


def test_to_a_person_it_is_a_contact_under_each_key() -> None:
    touches = GIVEN.touchpoints()

    assert [each.customer for each in touches] == ["email:1", "phone:2"]
    assert {(each.kind, each.code, each.campaign_id) for each in touches} == {
        ("publication", "MA1L", "AUTUMN")
    }
    assert replace(GIVEN, customer=()).touchpoints() == ()


def reached(*back: int, campaign: str = "X") -> list[Reached]:
    return [(DAY - timedelta(days=days), f"{campaign}{at}") for at, days in enumerate(back)]


@pytest.mark.parametrize(
    ("before", "week", "too"),
    [
        ([], 1, False),
        (reached(6), 1, True),
        (reached(7), 1, False),
        (reached(-6), 1, True),
        (reached(3, -3), 2, True),
        (reached(6, -6), 2, False),
        (reached(1, 2), 3, False),
    ],
)
def test_a_week_is_any_seven_days_in_a_row(before: list[Reached], week: int, too: bool) -> None:
    assert bool(too_many(before, (DAY, "AUTUMN"), Fatigue(audience_a_week=week))) == too


def test_what_a_campaign_brings_on_one_day_is_one_release() -> None:
    a_day = Fatigue(audience_a_day=1)

    assert not too_many([(DAY, "AUTUMN")], (DAY, "AUTUMN"), a_day)
    assert too_many([(DAY, "WINTER")], (DAY, "AUTUMN"), a_day).startswith("would be 2 releases")


def test_without_a_setting_nothing_is_too_much() -> None:
    assert not too_many(reached(*range(7)), (DAY, "AUTUMN"), Fatigue())
