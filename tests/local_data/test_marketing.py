"""The marketing side of a run posts everything once, forges in every way, and misses nothing."""

from collections import Counter
from datetime import UTC, datetime
from importlib import import_module

import pytest

from local import marketing
from local.contacts import Contact
from local.dealing import SALESFORCE, TOUCHPOINTS
from local.deliver import Parcel, Receipt
from local.outcome import Outcome
from local.payloads import touchpoints
from local.world import World
from tests.local_data.heard import connection, heard
from tests.local_data.product import HEARD_AT
from vouchsafe.pure.errors import Forged
from vouchsafe.pure.hearing import Delivery

API = "http://localhost:1/_aws/execute-api/abc/$default"


@pytest.fixture(scope="module")
def forgeries(seen: list[Contact]) -> list[Parcel]:
    return list(marketing.forgeries(seen, datetime.now(UTC)))


def names(seen: list[Contact]) -> list[str]:
    return [each.row["touchpoint_id"] for each in seen]


def delivery(parcel: Parcel) -> Delivery:
    return Delivery(
        platform=parcel.platform,
        account=parcel.account,
        headers={name.lower(): value for name, value in parcel.headers(API).items()},
        body=parcel.body,
        received_at=datetime.now(UTC),
    )


def test_every_door_is_forged_in_every_way(forgeries: list[Parcel]) -> None:
    ways = Counter((each.platform, each.forged) for each in forgeries)

    assert {way for platform, way in ways if platform == "touchpoints"} == {
        "wrong key",
        "not signed",
        "changed on the way",
        "unknown shop",
        "signed long ago",
    }
    assert {way for platform, way in ways if platform == "salesforce"} == {
        "wrong key",
        "not signed",
        "changed on the way",
        "unknown shop",
    }


def test_no_forgery_proves_anything(forgeries: list[Parcel]) -> None:
    for parcel in forgeries:
        if parcel.forged == "unknown shop":
            assert parcel.account == "nobody"
            continue
        verify = import_module(f"functions.sources.{parcel.platform}.verify").verify
        mine = connection(TOUCHPOINTS if parcel.platform == "touchpoints" else SALESFORCE)
        with pytest.raises(Forged):
            verify(delivery(parcel), mine, datetime.now(UTC))


def test_what_is_forged_would_be_known_by_its_name(
    forgeries: list[Parcel], seen: list[Contact]
) -> None:
    told = {
        touch.touchpoint_id
        for parcel in forgeries
        if parcel.message.event != "beacon"
        for touch in heard(parcel.message).touchpoints
    }

    assert told
    assert told.isdisjoint(names(seen))
    faults = marketing.matched([*names(seen), *told], seen).faults
    assert len(faults) == len(told)


def test_some_of_it_comes_late_and_nothing_is_left_out(seen: list[Contact]) -> None:
    batches = marketing.messages_of(seen)
    late = Counter((each.shop.platform, marketing.is_late(each)) for each in batches)
    told = {touch.touchpoint_id for each in batches for touch in heard(each).touchpoints}

    assert set(late) == {
        ("touchpoints", False),
        ("touchpoints", True),
        ("salesforce", False),
        ("salesforce", True),
    }
    assert told == {each.row["touchpoint_id"] for each in seen if each.teller in ("door", "mail")}


def test_what_is_kept_once_is_as_it_should_be(seen: list[Contact]) -> None:
    visit = heard(touchpoints.beacon("email:h1@example.com", 1, TOUCHPOINTS, HEARD_AT))
    page = [each.touchpoint_id for each in visit.touchpoints]

    kept = marketing.matched([*names(seen), *page], seen)

    assert (kept.faults, kept.seen_now) == ((), 1)
    assert kept.by == Counter(each.teller for each in seen)


def test_what_is_missing_or_there_twice_is_named(seen: list[Contact]) -> None:
    first, *others = names(seen)

    (fault,) = marketing.matched(others, seen).faults
    assert fault == f"1 contacts of {seen[0].teller} were not kept"
    (fault,) = marketing.matched([first, *names(seen)], seen).faults
    assert "kept twice" in fault


@pytest.mark.parametrize(("answered", "told"), [(32, 32), (32, 31), (0, 0)])
def test_a_line_that_the_local_aws_lost_is_no_fault(answered: int, told: int) -> None:
    assert marketing.untold(answered, told) == []


@pytest.mark.parametrize(("answered", "told"), [(32, 0), (32, 33)])
def test_doors_that_tell_otherwise_are_a_fault(answered: int, told: int) -> None:
    assert len(marketing.untold(answered, told)) == 1


def test_a_contact_that_was_not_kept_makes_the_run_red(window: World) -> None:
    kept = marketing.Kept(faults=("1 contacts of door were not kept",))

    faults = Outcome(window, Receipt(), marketing=kept).faults()

    assert "marketing: 1 contacts of door were not kept" in faults
