"""Does what a person said of an alarm stay, whatever the ledger brings afterwards or meanwhile?"""

from collections.abc import Callable
from datetime import date
from typing import Any

import pytest

from functions.streams.alarms.book import written
from tests.streams.vigil import Vigil, at, promotion, redemption, shelf, vigil
from vouchsafe.edge import alarms_table
from vouchsafe.edge.alarms_table import key_of
from vouchsafe.pure.alarm import Alarm, acknowledged

OVER = shelf(promotion(ends_on=date(2025, 11, 10)))
EXPIRED = "expired:MA1L:2025-11-20"


def use(number: int, **said: Any) -> Any:
    return redemption(f"{number:04d}", redeemed_at=at(number), **said)


def acknowledge() -> None:
    """As the control room does, over the version that it reads."""

    def attempt(book: Any) -> None:
        standing = book.get(Alarm, key_of(EXPIRED))
        book.put(key_of(EXPIRED), acknowledged(standing, "person:eva", "", at(0)))

    written(attempt)


def expired(watch: Vigil) -> Alarm:
    return watch.alarms()[EXPIRED]


def names(watch: Vigil) -> list[str]:
    return [name for name, alarm_id in watch.told() if alarm_id == EXPIRED]


def test_an_acknowledgement_stays_when_the_alarm_goes_on_and_when_it_is_cleared() -> None:
    with vigil(OVER) as watch:
        watch.see(use(1), use(2), use(3), use(4))
        acknowledge()
        watch.see(use(5))
        assert (expired(watch).orders, expired(watch).is_acknowledged()) == (5, True)

        for number in range(1, 6):
            watch.see(use(number, facts_seen=2, state="rolled_back", returned_minor=200))
        assert (expired(watch).state, expired(watch).is_acknowledged()) == ("cleared", True)


def test_an_acknowledgement_between_a_look_and_a_write_stays(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    with vigil(OVER) as watch:
        watch.see(use(1), use(2), use(3))
        write = alarms_table.write

        def overtaken(changes: Any) -> None:
            if any(each.key == key_of(EXPIRED) for each in changes):
                monkeypatch.setattr(alarms_table, "write", write)
                acknowledge()
            write(changes)

        monkeypatch.setattr(alarms_table, "write", overtaken)
        assert watch.see(use(4)) == []

        assert (expired(watch).orders, expired(watch).is_acknowledged()) == (4, True)


def test_an_acknowledgement_before_the_notice_is_remembered_stays(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    from functions.streams.alarms import tell

    publish: Callable[..., None] = tell.topic.publish
    with vigil(OVER) as watch:

        def then_acknowledged(happening: Any) -> None:
            publish(happening)
            acknowledge()

        monkeypatch.setattr(tell.topic, "publish", then_acknowledged)
        watch.see(use(1))

        assert expired(watch).is_acknowledged()
        assert expired(watch).told


def test_what_becomes_much_worse_is_told_though_its_uses_have_not_doubled() -> None:
    with vigil(OVER) as watch:
        for number in range(1, 5):
            watch.see(use(number))
        assert names(watch) == ["AlarmRaised", "AlarmUpdated", "AlarmUpdated"]
        acknowledge()
        watch.see(use(5, discount_minor=799))
        assert expired(watch).is_acknowledged()

        watch.see(use(6, discount_minor=1))

        assert names(watch)[3:] == ["AlarmUpdated"]
        assert expired(watch).waits()
        assert expired(watch).call_number() == 2
