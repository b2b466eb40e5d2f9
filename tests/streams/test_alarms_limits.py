"""Do the same uses lie beyond a limit, whatever the order, repetition and crashes?"""

import random
from collections import defaultdict
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import replace

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from functions.streams.alarms import limits
from functions.streams.alarms.evidence import Placed
from functions.streams.alarms.limits import Scope
from tests.battery.faults import Crash, Fault, Plan
from tests.pure.registers import Shelf
from tests.streams.vigil import Record, Vigil, at, promotion, redemption, shelf, vigil
from vouchsafe.edge import alarms_table
from vouchsafe.edge.alarms_table import Key
from vouchsafe.pure import codec, instant
from vouchsafe.pure.alarm import SHOWN, Evidence, due
from vouchsafe.pure.redemption import Redemption

PEOPLE = ("email:ann", "phone:1", "email:bob", "card:2")
STATES = ("redeemed", "confirmed", "partially_returned", "rolled_back")


def settled(scope: Scope, positions: Sequence[str]) -> Scope:
    """The fence moved as the table's uses say, step by step."""
    ordered = sorted(positions)
    while step := limits.step(scope):
        if step == "push":
            below = [each for each in ordered if each <= scope.fence]
            scope = limits.pushed(scope, below[-2] if len(below) > 1 else "")
        else:
            scope = limits.pulled(scope, next(each for each in ordered if each > scope.fence))
    return scope


@given(
    st.lists(st.tuples(st.booleans(), st.sampled_from("abcdefghij")), max_size=60),
    st.integers(0, 6),
    st.integers(0, 6),
)
def test_the_fence_parts_the_uses_as_a_sorted_list_does(
    moves: list[tuple[bool, str]], most: int, then: int
) -> None:
    held: set[str] = set()
    scope = Scope(most=most)
    for number, (come, position) in enumerate(moves):
        scope = limits.limited(scope, most if number < len(moves) // 2 else then)
        if come and position not in held:
            held.add(position)
            scope = limits.entered(scope, position)
        elif not come and position in held:
            held.remove(position)
            scope = limits.left(scope, position)
        scope = settled(scope, sorted(held))

        beyond = {each for each in held if scope.is_beyond(each)}
        assert beyond == set(sorted(held)[scope.most :])
        assert (scope.total, scope.within) == (len(held), len(held) - len(beyond))


@pytest.mark.parametrize(("uses", "beyond"), [(2, 0), (3, 0), (4, 1), (5, 2)])
def test_the_limit_itself_is_allowed_and_the_next_use_is_not(uses: int, beyond: int) -> None:
    with vigil(shelf(promotion(code_limit=3))) as watch:
        watch.see(*(redemption(str(order), customer=()) for order in range(uses)))

        assert sum(alarm.orders for alarm in watch.alarms().values()) == beyond


def test_the_same_order_again_is_no_new_use() -> None:
    with vigil(shelf(promotion(code_limit=1, customer_limit=1))) as watch:
        watch.see(redemption("1", state="redeemed"))
        watch.see(redemption("1", facts_seen=2), redemption("1", code="SECOND"))
        watch.see(
            redemption("1", facts_seen=3, state="rolled_back", returned_minor=200),
            redemption("1", facts_seen=3, generation=1),
        )

        assert watch.open() == set()


def test_any_identity_key_is_the_customer() -> None:
    with vigil(shelf(promotion(customer_limit=1))) as watch:
        watch.see(redemption("1", customer=("email:ann", "card:9")))
        watch.see(redemption("2", customer=("email:bob", "card:9"), redeemed_at=at(5)))
        watch.see(redemption("3", customer=("email:cy",), redeemed_at=at(6)))

        (alarm,) = watch.alarms().values()
        assert alarm.rule == "customer_limit_reached"
        assert [each.order for each in alarm.evidence] == ["shopify#corner-shop#2"]


def test_one_order_accused_by_two_keys_is_one_order() -> None:
    keys = ("email:ann", "phone:1")
    with vigil(shelf(promotion(customer_limit=1))) as watch:
        watch.see(redemption("1", customer=keys), redemption("2", customer=keys, facts_seen=1))
        (alarm,) = watch.alarms().values()
        watch.see(redemption("2", customer=("phone:1",), facts_seen=2))
        (still,) = watch.alarms().values()
        watch.see(redemption("2", customer=(), facts_seen=3))

        assert (alarm.orders, still.orders) == (1, 1)
        assert watch.open() == set()


@pytest.mark.parametrize(("policy", "still_open"), [("restore", False), ("keep", True)])
def test_a_use_taken_back_counts_on_as_the_promotion_says(policy: str, still_open: bool) -> None:
    with vigil(shelf(promotion(code_limit=1, on_rollback=policy))) as watch:
        watch.see(redemption("1"), redemption("2", redeemed_at=at(1)))
        watch.see(redemption("1", facts_seen=2, state="rolled_back", returned_minor=200))

        assert bool(watch.open()) is still_open


def test_a_limit_that_the_register_raises_frees_the_next_uses() -> None:
    with vigil(shelf(promotion(code_limit=1))) as watch:
        watch.see(*(redemption(str(order), redeemed_at=at(order)) for order in range(9)))
        (before,) = watch.alarms().values()

        _teach(shelf(promotion(code_limit=5)))
        watch.see(redemption("9", redeemed_at=at(9)))

        (after,) = watch.alarms().values()
        assert (before.orders, after.orders) == (8, 5)
        assert [each.order[-1] for each in after.evidence] == ["5", "6", "7", "8", "9"]


def _teach(register: Shelf) -> None:
    from functions.streams.alarms import handler

    handler._register = register  # type: ignore[assignment]


def test_a_long_list_shows_its_earliest_and_sums_all() -> None:
    with vigil(shelf(promotion(code_limit=0))) as watch:
        orders = [f"{order:02d}" for order in range(SHOWN + 5)]
        watch.see(*(redemption(each, redeemed_at=at(int(each))) for each in reversed(orders)))
        watch.see(
            redemption(
                "03", redeemed_at=at(3), facts_seen=2, state="rolled_back", returned_minor=200
            )
        )

        (alarm,) = watch.alarms().values()
        left = [each for each in orders if each != "03"]
        assert [each.order[-2:] for each in alarm.evidence] == left[:SHOWN]
        assert (alarm.orders, alarm.at_risk) == (len(left), (("EUR", 200 * len(left)),))


def beyond_limits(last: list[Redemption], register: Shelf) -> dict[str, dict[str, int]]:
    """What must be open in the end: alarm id -> item -> money at risk; from sorted lists alone."""
    terms = register.promotions["by-mail"]
    scopes: dict[tuple[str, str], set[tuple[str, str]]] = defaultdict(set)
    most = {"code": terms.code_limit, "customer": terms.customer_limit}
    for each in last:
        taken = terms.on_rollback == "keep" and each.state == "rolled_back"
        if each.holds_a_use() or taken:
            place = (instant.text(each.redeemed_at), each.key.text())
            scopes["code", each.code].add(place)
            for key in each.customer:
                scopes["customer", key].add(place)
    wanted: dict[str, dict[str, int]] = defaultdict(dict)
    for each in last:
        place = (instant.text(each.redeemed_at), each.key.text())
        mine = [("code", each.code), *(("customer", key) for key in each.customer)]
        for kind, name in mine:
            limit = most[kind]
            over = limit is not None and place in sorted(scopes[kind, name])[limit:]
            if over and each.holds_a_use():
                rule = "usage_limit_reached" if kind == "code" else "customer_limit_reached"
                alarm_id = f"{rule}:{each.code}:{each.business_day}"
                item = f"{each.key.text()}/{each.item_id()}"
                wanted[alarm_id][item] = each.discount_minor - each.returned_minor
    return dict(wanted)


def found_open(watch: Vigil) -> dict[str, dict[str, int]]:
    """What is open in the table, by its evidence; the alarms' own figures must agree."""
    found: dict[str, dict[str, int]] = {}
    for alarm_id, alarm in watch.alarms().items():
        rows = alarms_table.after(Key(f"alarm#{alarm_id}", " "), 1000)
        held: list[Evidence] = [codec.loads(Placed, row.body).evidence for _, row in rows]
        assert alarm.orders == len(held)
        assert sum(minor for _, minor in alarm.at_risk) == sum(each.at_risk_minor for each in held)
        assert alarm.evidence == tuple(held[:SHOWN])
        assert (alarm.state == "open") == bool(held)
        assert due(alarm) is None
        if held:
            found[alarm_id] = {f"{each.order}/{each.item}": each.at_risk_minor for each in held}
    return found


def histories(dice: random.Random) -> list[list[Redemption]]:
    """Orders of one or two codes, each with the states that it went through."""
    made = []
    for order in range(dice.randint(2, 9)):
        when = at(dice.choice((0, 1, 2, 3, 5, 5, 8)))
        known = tuple(dice.sample(PEOPLE, dice.randint(0, 3)))
        for code in dice.sample(("MA1L", "SECOND"), dice.randint(1, 2)):
            rows = []
            for seen in range(dice.randint(1, 3)):
                state = dice.choice(STATES)
                back = {"partially_returned": 50, "rolled_back": 200}.get(state, 0)
                rows.append(
                    redemption(
                        str(order),
                        code,
                        redeemed_at=at(9) if dice.random() < 0.1 else when,
                        customer=known if dice.random() < 0.8 else known[:1],
                        facts_seen=seen + 1,
                        state=state,
                        returned_minor=back,
                    )
                )
            made.append(rows)
    return made


def streams(watch: Vigil, told: list[list[Redemption]]) -> list[list[Record]]:
    """The records of each order, in the order in which they were written."""
    by_order: dict[str, list[Record]] = defaultdict(list)
    for rows in told:
        for row in rows:
            by_order[row.key.text()] += watch.write(row)
    return list(by_order.values())


def bring_all(watch: Vigil, dice: random.Random, held: list[list[Record]]) -> None:
    """Brings every order's records in their order, orders mixed, now and then some again, and
    whatever failed or crashed again until it is through."""
    places = [0] * len(held)
    while any(place < len(rows) for place, rows in zip(places, held, strict=True)):
        which = dice.choice([n for n, rows in enumerate(held) if places[n] < len(rows)])
        batch = held[which][places[which] : places[which] + dice.randint(1, 3)]
        try:
            again = watch.bring(batch)
        except Crash:
            continue
        failed = [n for n, row in enumerate(batch) if row["dynamodb"]["SequenceNumber"] in again]
        places[which] += min(failed, default=len(batch))
        if dice.random() < 0.2:
            places[which] = dice.randint(0, places[which])


@settings(max_examples=80)
@example(554)
@given(st.integers(0, 10**9))
def test_any_order_repetition_and_crash_ends_in_the_same_alarms(seed: int) -> None:
    dice = random.Random(seed)
    register = shelf(
        promotion(
            code_limit=dice.choice((None, 0, 1, 2, 4)),
            customer_limit=dice.choice((None, 1, 2)),
            on_rollback=dice.choice(("restore", "keep")),
        )
    )
    told = histories(dice)
    with vigil(register, Plan(rate=dice.choice((0.0, 0.1)), most=30), seed) as watch:
        watch.cloud.faults.on = False
        held = streams(watch, told)
        watch.cloud.faults.on = True

        bring_all(watch, dice, held)

        watch.cloud.faults.on = False
        assert watch.parked() == []
        assert found_open(watch) == beyond_limits([rows[-1] for rows in told], register)


def test_a_notice_that_a_crash_swallowed_is_told_when_the_record_comes_again() -> None:
    calls = _calls_of_one_breach()
    with vigil(shelf(promotion(code_limit=0)), Plan(at={})) as watch:
        for crash in range(calls):
            row = redemption(f"at-{crash}", code=f"C{crash}")
            _teach(shelf(promotion(code_limit=0), **{row.code: ("by-mail",)}))
            records = watch.write(row)
            watch.cloud.faults._plan = Plan(at={watch.cloud.faults.calls + crash: "crash_after"})
            with pytest.raises(Crash):
                watch.bring(records)
            assert watch.bring(records) == []

            alarm_id = f"usage_limit_reached:C{crash}:2025-11-20"
            assert watch.told().count(("AlarmRaised", alarm_id)) == 1
            assert watch.alarms()[alarm_id].orders == 1


@pytest.mark.parametrize("fault", ["throttled", "timed_out_applied", "crash_after"])
def test_a_notice_that_failed_is_told_though_a_later_record_overtook_it(fault: Fault) -> None:
    for place in range(_calls_of_one_breach()):
        with vigil(shelf(promotion(code_limit=0)), Plan(at={})) as watch:
            records = watch.write(redemption("1", state="redeemed"))
            records += watch.write(redemption("1", facts_seen=2))
            faults = watch.cloud.faults
            faults._plan = Plan(at={faults.calls + place: fault})
            with suppress(Crash):
                watch.bring(records)
            faults.on = False
            assert watch.bring(records) == []

            assert watch.told() == [("AlarmRaised", "usage_limit_reached:MA1L:2025-11-20")], place


def _calls_of_one_breach() -> int:
    with vigil(shelf(promotion(code_limit=0))) as watch:
        records = watch.write(redemption())
        before = watch.cloud.faults.calls
        watch.bring(records)
        return watch.cloud.faults.calls - before


def test_a_late_older_record_changes_nothing() -> None:
    with vigil(shelf(promotion(code_limit=0))) as watch:
        (old,) = watch.write(redemption("1"))
        (new,) = watch.write(redemption("1", facts_seen=2, state="rolled_back", returned_minor=200))
        watch.bring([old])
        watch.bring([new])
        watch.bring([old])

        assert watch.open() == set()
        assert [name for name, _ in watch.told()] == ["AlarmRaised", "AlarmCleared"]


def test_a_redemption_that_the_ledger_takes_out_gives_its_use_back() -> None:
    with vigil(shelf(promotion(code_limit=1))) as watch:
        first = redemption("1")
        watch.see(first, redemption("2", redeemed_at=at(1)))
        redemptions = watch.cloud.dynamo.tables["Redemptions"]
        watch.cloud.dynamo._erase(
            redemptions, {"pk": {"S": first.key.text()}, "sk": {"S": first.item_id()}}
        )
        watch.bring(watch.news("Redemptions"))

        assert watch.open() == set()


def test_the_use_moves_when_the_till_corrects_its_time() -> None:
    with vigil(shelf(promotion(code_limit=1))) as watch:
        watch.see(redemption("1"), redemption("2", redeemed_at=at(1)))
        watch.see(replace(redemption("1", facts_seen=2), redeemed_at=at(2)))

        (alarm,) = watch.alarms().values()
        assert [each.order[-1] for each in alarm.evidence] == ["1"]
