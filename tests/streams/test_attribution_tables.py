"""Do credits and sums move together in the table, or not at all?"""

from dataclasses import replace

import pytest

from tests.streams.journeys import KEY, Given, judged, redemption, touch, unmapped
from vouchsafe.edge import credits_table, insight_table, redemptions_table
from vouchsafe.edge.credits_table import Move
from vouchsafe.pure.credit import Counters, Credit, recount
from vouchsafe.pure.errors import Refused
from vouchsafe.pure.facts import OrderKey

pytestmark = pytest.mark.usefixtures("aws")

ORDER = KEY.text()
MAILED = touch(9, kind="publication", campaign_id="mailing", code="MA1L")


def moves_to(*wanted: Credit) -> list[Move]:
    """The moves from what the table holds."""
    held = credits_table.of_order(ORDER)
    new = {each.item_id: each for each in wanted}
    return [
        Move(ORDER, item_id, held.get(item_id), new.get(item_id))
        for item_id in sorted(held.keys() | new.keys())
    ]


def sums() -> Counters:
    return dict(insight_table.all_rows())


def test_a_credit_comes_back_as_it_was_written() -> None:
    wanted = judged([redemption(), redemption("SAVE10"), unmapped()], MAILED)

    assert credits_table.commit(moves_to(*wanted))

    held = credits_table.of_order(ORDER)
    assert [each.credit for each in held.values()] == wanted
    assert sums() == recount(wanted)
    assert [each.credit for each in credits_table.all_credits()] == wanted


def test_a_return_a_rollback_and_a_removal_move_exactly_their_part() -> None:
    [whole] = judged(redemption(), MAILED)
    [part] = judged(redemption(state="partially_returned", revenue_minor=333), MAILED)
    [back] = judged(redemption(state="rolled_back", revenue_minor=0), MAILED)

    for wanted in (whole, part, back):
        assert credits_table.commit(moves_to(wanted))
        assert sums() == recount([wanted])
    assert credits_table.commit(moves_to())
    assert sums() == {}
    assert credits_table.of_order(ORDER) == {}


def test_who_read_before_another_wrote_changes_nothing() -> None:
    [wanted] = judged(redemption(), MAILED)
    late = moves_to(replace(wanted, revenue_minor=7))
    assert credits_table.commit(moves_to(wanted))

    assert not credits_table.commit(late)
    assert not credits_table.commit(late)

    assert sums() == recount([wanted])


def test_one_raced_move_stops_its_whole_pack() -> None:
    one, other = judged([redemption(), redemption("P0STER")], MAILED)
    both = moves_to(one, other)
    assert credits_table.commit(both[:1])

    assert not credits_table.commit(both)

    assert sums() == recount([one])


def test_what_was_moved_is_taken_back_though_the_rules_have_changed() -> None:
    [wanted] = judged(redemption(), MAILED)
    assert credits_table.commit(moves_to(wanted))
    [held] = credits_table.of_order(ORDER).values()

    gone = Move(ORDER, wanted.item_id, replace(held, credit=replace(wanted, state="lapsed")), None)
    assert credits_table.commit([gone])

    assert sums() == {}


def test_what_the_table_will_never_take_is_refused() -> None:
    huge = replace(judged(redemption())[0], evidence=("x" * 500_000,))

    with pytest.raises(Refused):
        credits_table.commit(moves_to(huge))


def test_packs_are_as_few_as_hold_the_moves() -> None:
    moves = [
        Move(each.key.text(), each.item_id, None, each)
        for at in range(100)
        for each in judged(
            redemption(key=OrderKey(platform="square", account="kew", order_id=str(at))), MAILED
        )
    ]

    packs = credits_table.packs(moves)
    ahead = credits_table.packs([replace(each, ahead=True) for each in moves])

    assert [len(pack) for pack in packs] == [96, 4]
    assert [len(pack) for pack in ahead] == [48, 48, 4]
    assert credits_table.packs([]) == []


def test_a_credit_ahead_of_its_record_is_written_while_its_redemption_is_there() -> None:
    row = redemption()
    [wanted] = judged(row, MAILED)
    ahead = [replace(each, ahead=True) for each in moves_to(wanted)]

    assert not credits_table.commit(ahead)
    assert credits_table.of_order(ORDER) == {}

    assert redemptions_table.put(row, 1)
    assert credits_table.commit(ahead)
    assert sums() == recount([wanted])


def test_the_widest_credit_fits_one_transaction() -> None:
    touches = [
        touch(29 - at / 10, f"source-{at} / cpc", kind="publication", campaign_id="mailing")
        for at in range(100)
    ]
    [wide] = judged(redemption("TW1N"), *touches)

    assert credits_table.commit(moves_to(wide))
    assert sums() == recount([wide])


def test_sums_are_read_by_what_they_are_about_and_by_day() -> None:
    [wanted] = judged(redemption(), given=Given(codes=frozenset({"MA1L"})))
    assert credits_table.commit(moves_to(wanted))

    found = insight_table.about("campaign#mailing", "2026-11-20", "2026-11-20")

    assert found == {("campaign#mailing", "2026-11-20#EUR"): {"leaked": 1, "leaked_minor": 200}}
    assert insight_table.about("campaign#mailing", "2026-11-21") == {}
