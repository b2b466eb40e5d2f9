"""Is what is left the newest that is known of the place, and nothing that is too old?"""

from datetime import UTC, datetime, timedelta

from vouchsafe.pure.stock import Level, left_at

NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)


def level(left: int, location_id: str | None = None, hours: int = 1, sku: str = "mug") -> Level:
    return Level(
        sku=sku,
        left=left,
        counted_at=NOW - timedelta(hours=1),
        good_until=NOW + timedelta(hours=hours),
        location_id=location_id,
    )


def test_a_places_own_count_comes_before_its_accounts() -> None:
    counts = [level(3, "bar"), level(90)]

    assert left_at(counts, "bar", NOW) == (("mug", 3),)
    assert left_at(counts[::-1], "bar", NOW) == (("mug", 3),)


def test_another_places_count_says_nothing() -> None:
    counts = [level(3, "bar"), level(90), level(1, "bar", sku="cup")]

    assert left_at(counts, "inn", NOW) == left_at(counts, None, NOW) == (("mug", 90),)


def test_what_is_too_old_is_not_known() -> None:
    assert left_at([level(3, "bar", hours=0), level(90)], "bar", NOW) == (("mug", 90),)
    assert left_at([level(3, hours=0)], None, NOW) == ()
