"""Do the sums follow from the credits, and from nothing else?"""

from collections import Counter
from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from tests.streams.journeys import Given, judged, redemption, touch, unmapped
from vouchsafe.pure import codec
from vouchsafe.pure.credit import (
    MODELS,
    Counters,
    Credit,
    RowKey,
    contribution,
    difference,
    recount,
    total,
)
from vouchsafe.pure.facts import OrderKey
from vouchsafe.pure.redemption import Redemption, State

DAY = "2026-11-20#EUR"
MAILED = touch(9, kind="publication", campaign_id="mailing", code="MA1L")
BOTH = (MAILED, touch(3, kind="publication", campaign_id="poster"))


def sums(*rows: Redemption, **said: object) -> Counters:
    """The sums of one order."""
    return recount(judged(rows, *BOTH, **said))  # type: ignore[arg-type]


def test_a_confirmed_redemption_is_seen_by_code_campaign_channel_and_day() -> None:
    found = sums(redemption())

    assert found[RowKey("code#MA1L", DAY)] == {
        "confirmed": 1,
        "discount_minor": 200,
        "revenue_minor": 1000,
        "orders": 1,
        "influenced_minor": 1000,
        "caused": 1,
        "campaign_credits": 1,
        "first_revenue_minor": 1000,
        "first_millionths": 1_000_000,
        "linear_revenue_minor": 500,
        "linear_millionths": 500_000,
        "time_decay_revenue_minor": 356,
        "time_decay_millionths": 355_689,
        "position_revenue_minor": 500,
        "position_millionths": 500_000,
    }
    assert found[RowKey("day#2026-11-20", "shopify#corner-shop#EUR")] == {
        "confirmed": 1,
        "discount_minor": 200,
        "revenue_minor": 1000,
        "orders": 1,
        "influenced_minor": 1000,
        "caused": 1,
        "campaign_credits": 1,
    }
    assert found[RowKey("channel#street / print", DAY)]["last_revenue_minor"] == 1000
    assert found[RowKey("campaign#poster", DAY)]["last_revenue_minor"] == 1000
    assert "confirmed" not in found[RowKey("campaign#poster", DAY)]
    assert found[RowKey("campaign#mailing", DAY)]["campaign_credits"] == 1


def test_a_redemption_of_two_campaigns_is_one_redemption_and_two_credits() -> None:
    given = (touch(9, kind="publication", campaign_id="mailing"), BOTH[1])

    found = recount(judged(redemption("TW1N", discount_minor=201, revenue_minor=1001), *given))

    code = found[RowKey("code#TW1N", DAY)]
    campaigns = [found[RowKey(f"campaign#{each}", DAY)] for each in ("mailing", "poster")]
    assert (code["confirmed"], code["campaign_credits"], code["orders"]) == (1, 2, 1)
    assert [each["confirmed"] for each in campaigns] == [1, 1]
    assert [each["campaign_credits"] for each in campaigns] == [1, 1]
    assert [each["discount_minor"] for each in campaigns] == [101, 100]
    assert [each["revenue_minor"] for each in campaigns] == [501, 500]
    assert found[RowKey("day#2026-11-20", "shopify#corner-shop#EUR")]["campaign_credits"] == 2


def test_an_order_with_two_codes_is_one_order() -> None:
    found = sums(redemption("MA1L", revenue_minor=600), redemption("TW1N", revenue_minor=400))

    day = found[RowKey("day#2026-11-20", "shopify#corner-shop#EUR")]
    mailing = found[RowKey("campaign#mailing", DAY)]
    assert (day["confirmed"], day["orders"], day["influenced_minor"]) == (2, 1, 1000)
    assert (mailing["confirmed"], mailing["orders"]) == (1, 1)
    assert found[RowKey("code#MA1L", DAY)]["influenced_minor"] == 1000


def test_what_is_not_confirmed_is_seen_only_as_a_state() -> None:
    found = sums(redemption(state="redeemed", confirmed_at=None))

    assert found == {
        RowKey("code#MA1L", DAY): {"redeemed": 1},
        RowKey("campaign#mailing", DAY): {"redeemed": 1},
        RowKey("day#2026-11-20", "shopify#corner-shop#EUR"): {"redeemed": 1},
    }


def test_a_rollback_takes_all_back_and_says_how_much_had_been_confirmed() -> None:
    back = redemption(state="rolled_back", revenue_minor=0, returned_minor=200)

    assert sums(back)[RowKey("code#MA1L", DAY)] == {"rolled_back": 1, "rolled_back_minor": 200}
    never = replace(back, confirmed_at=None)
    assert sums(never)[RowKey("code#MA1L", DAY)] == {"rolled_back": 1}


def test_a_leak_is_shown_to_its_campaign_and_not_credited_to_it() -> None:
    credits_ = judged(redemption(), given=Given(codes=frozenset({"MA1L"})))

    assert recount(credits_)[RowKey("campaign#mailing", DAY)] == {
        "leaked": 1,
        "leaked_minor": 200,
    }
    assert recount(credits_)[RowKey("code#MA1L", DAY)]["leaked"] == 1


def test_unmapped_discounts_are_counted_by_account_and_day() -> None:
    found = recount(judged([unmapped(), unmapped(discount_id="till-8", state="redeemed")]))

    assert found == {
        RowKey("unmapped#shopify#corner-shop", DAY): {
            "confirmed": 1,
            "redeemed": 1,
            "discount_minor": 300,
        }
    }


def test_a_name_with_a_separator_meets_no_other() -> None:
    found = recount(judged(redemption("SAVE10"), touch(2, "a#b / cpc")))

    assert RowKey("channel#a%23b / cpc", DAY) in found


STATES: tuple[State, ...] = ("redeemed", "confirmed", "partially_returned", "rolled_back")


@st.composite
def orders(draw: st.DrawFn) -> list[Credit]:
    """The credits of an order of a few codes, after a few contacts."""
    touches = [
        touch(days, channel, kind=kind, campaign_id=campaign, touchpoint_id=f"touch-{at}")
        for at, (days, channel, kind, campaign) in enumerate(
            draw(
                st.lists(
                    st.tuples(
                        st.integers(1, 40),
                        st.sampled_from(["google / cpc", ""]),
                        st.sampled_from(["click", "publication", "visit", "sighting"]),
                        st.sampled_from([None, "mailing", "poster", "evergreen"]),
                    ),
                    max_size=6,
                )
            )
        )
    ]
    rows = [
        redemption(
            code,
            state=draw(st.sampled_from(STATES)),
            key=OrderKey(platform="square", account="kew", order_id=str(draw(st.integers(1, 3)))),
            discount_minor=draw(st.integers(0, 999)),
            revenue_minor=draw(st.integers(0, 10**6)),
            currency=draw(st.sampled_from(["EUR", "JPY"])),
        )
        for code in draw(st.sets(st.sampled_from(["MA1L", "P0STER", "TW1N", "SAVE10", "X"])))
    ]
    return judged(rows, *touches)


@given(orders())
def test_every_model_shares_out_exactly_the_revenue_and_the_redemptions(
    held: list[Credit],
) -> None:
    counting = [each for each in held if each.counts()]
    channels: Counter[tuple[str, str]] = Counter()
    codes: Counter[str] = Counter()

    for key, row in recount(held).items():
        for name, amount in row.items():
            currency = key.sk.rpartition("#")[2]
            if key.pk.startswith("channel#"):
                channels[name, currency] += amount
            elif key.pk.startswith("code#"):
                codes[name] += amount

    for model in MODELS:
        for currency in ("EUR", "JPY"):
            among = [each for each in counting if each.currency == currency]
            assert channels[f"{model}_revenue_minor", currency] == sum(
                each.revenue_minor for each in among
            )
            assert channels[f"{model}_millionths", currency] == 1_000_000 * len(among)
    assert codes["campaign_credits"] == sum(len(each.campaigns) for each in counting)


@given(orders())
def test_the_money_of_campaigns_and_leaks_adds_up_to_the_money_of_codes(
    held: list[Credit],
) -> None:
    whole = sum(each.discount_minor for each in held if each.counts() and each.campaigns)
    split_up = sum(
        row.get("discount_minor", 0)
        for key, row in recount(held).items()
        if key.pk.startswith("campaign#")
    )

    assert split_up == whole


@given(orders(), orders())
def test_going_from_one_state_to_another_is_their_difference(
    before: list[Credit], after: list[Credit]
) -> None:
    old, new = recount(before), recount(after)

    assert total([old, difference(new, old)]) == new
    assert difference(old, old) == {}


@given(orders())
def test_no_credit_ever_adds_less_than_nothing(held: list[Credit]) -> None:
    assert all(
        amount > 0
        for each in held
        for row in contribution(each).values()
        for amount in row.values()
    )


@given(orders())
def test_a_credit_fits_one_transaction_and_survives_its_writing(held: list[Credit]) -> None:
    for each in held:
        assert len(contribution(each)) < 100
        assert codec.loads(Credit, codec.dumps(each)) == each
