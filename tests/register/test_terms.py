"""Is each term of a promotion read from its column, and each that cannot hold named by its rule?"""

from datetime import time
from decimal import Decimal

import pytest

from tests.register.saying import PROMOTION
from tests.register.test_check import GOOD, changed, lines
from vouchsafe.pure import register_entries as entries
from vouchsafe.pure.register import Audience, Benefit, Hours, LimitTerm, Promotion

HALVES = (Hours(opens=time(11), closes=time(15)), Hours(opens=time(20), closes=time(2, 30)))


def promotion(**cells: str) -> Promotion:
    """What the good row says when some of its cells are changed."""
    (line,) = lines([("promotions", [dict(GOOD["promotions"]) | cells])])
    assert isinstance(line.said, Promotion)
    assert line.faults == ()
    return line.said


@pytest.mark.parametrize(
    ("column", "cell", "attribute", "read"),
    [
        ("status", "paused", "status", "paused"),
        ("status", "retired", "status", "retired"),
        ("benefit", "percent:12.5", "benefit", Benefit(kind="percent", percent=Decimal("12.5"))),
        ("benefit", "amount:5.00", "benefit", Benefit(kind="amount", amount_minor=500)),
        ("benefit", "free_item: T-7", "benefit", Benefit(kind="free_item", sku="T-7")),
        ("benefit", "free_shipping", "benefit", Benefit(kind="free_shipping")),
        ("cap_discount_at", "7.5", "cap_discount_at_minor", 750),
        ("refuse_above", "300", "refuse_above_minor", 30000),
        ("include_skus", "A| B-2", "include_skus", frozenset({"A", "B-2"})),
        ("exclude_skus", "A", "exclude_skus", frozenset({"A"})),
        ("include_categories", "Hot drinks|Tea", "include_categories", {"Hot drinks", "Tea"}),
        ("exclude_categories", "Tobacco", "exclude_categories", frozenset({"Tobacco"})),
        ("low_stock_below", "6", "low_stock_below", 6),
        ("weekdays", "mon|tue", "weekdays", frozenset({"mon", "tue"})),
        ("hours", "20:00-02:30|11:00-15:00", "hours", HALVES),
        ("audience", "new", "audience", Audience(kind="new")),
        ("audience", "silent:90", "audience", Audience(kind="silent", days=90)),
        ("audience", "segment:vip", "audience", Audience(kind="segment", segment_id="vip")),
        (
            "limits",
            "promotion/ever=1000|customer/day=1",
            "limits",
            (
                LimitTerm(scope="customer", period="day", most=1),
                LimitTerm(scope="promotion", period="ever", most=1000),
            ),
        ),
        ("budget", "2500", "budget_minor", 250000),
        ("revenue_goal", "9000", "revenue_goal_minor", 900000),
        ("priority", "0", "priority", 0),
        ("priority", "20", "priority", 20),
        ("hold_minutes", "5", "hold_minutes", 5),
        ("requires_reservation", "yes", "requires_reservation", True),
    ],
)
def test_a_term_is_read_from_its_column(
    column: str, cell: str, attribute: str, read: object
) -> None:
    assert getattr(promotion(**{column: cell}), attribute) == read


def test_a_row_without_the_new_columns_says_what_it_said_before() -> None:
    said = promotion()

    assert said.benefit is None
    assert said.status == "active"
    assert said.audience == Audience()
    assert (said.limits, said.hours, said.hold_minutes) == ((), (), 30)


def test_an_entry_of_before_reads_as_before_and_is_written_as_before() -> None:
    """A load after the upgrade must not find that every promotion has changed."""
    kept = (
        '{"campaign_id":"SUMMER","code_limit":100,"currency":"EUR","ends_on":"2026-08-31",'
        '"minimum_spend_minor":1050,"owner":"ana","places":["square/bar/L1"],'
        '"promotion_id":"SUMMER-10","purpose":"win back","starts_on":"2026-06-01",'
        '"voucher_class":"discount"}'
    )

    assert entries.entry_of(entries.key_of(PROMOTION), kept) == PROMOTION
    assert entries.text_of(PROMOTION) == kept


BENEFITS = "must be percent:12.5, amount:5.00, free_item:<sku> or free_shipping"
AUDIENCES = "must be anyone, new, returning, holder, silent:<days> or segment:<segment_id>"


@pytest.mark.parametrize(
    ("column", "cell", "rule"),
    [
        ("status", "off", "must be one of active, paused, retired: 'off'"),
        ("benefit", "10%", f"{BENEFITS}: '10%'"),
        ("benefit", "percent", f"{BENEFITS}: 'percent'"),
        ("benefit", "percent:", f"{BENEFITS}: 'percent:'"),
        ("benefit", "free_shipping:", f"{BENEFITS}: 'free_shipping:'"),
        ("benefit", "free_shipping:all", f"{BENEFITS}: 'free_shipping:all'"),
        ("benefit", "percent:0", "must be above 0 and at most 100: '0'"),
        ("benefit", "percent:100.01", "must be above 0 and at most 100: '100.01'"),
        ("benefit", "amount:0", "must be above 0"),
        ("benefit", "amount:-5", "must be a number such as 10.50"),
        ("benefit", "amount:5.005", "has a fraction of a minor unit of EUR: 5.005"),
        ("benefit", "free_item:5.18E+13", "is a number that a spreadsheet has shortened"),
        ("cap_discount_at", "0", "must be above 0"),
        ("refuse_above", "x", "must be a number such as 10.50"),
        ("include_skus", "A||B", "has nothing between two bars, or at its end: 'A||B'"),
        ("exclude_skus", "A|", "has nothing between two bars, or at its end: 'A|'"),
        ("include_categories", "=1", "must not begin with =: a spreadsheet would run it"),
        ("exclude_categories", "A|#REF!", "is the error of a spreadsheet: #REF!"),
        ("low_stock_below", "0", "must be a whole number above 0: '0'"),
        ("weekdays", "mon|Tue", "must be one of mon, tue, wed, thu, fri, sat, sun: 'Tue'"),
        ("hours", "11:00", "must be a span such as 11:00-15:00: '11:00'"),
        ("hours", "11:00-3pm", "must be a time such as 05:00: '3pm'"),
        ("hours", "11:00-24:00", "is not a time such as 05:00: '24:00'"),
        ("hours", "11:00-11:00", "must not begin and end at the same minute: '11:00-11:00'"),
        ("audience", "everyone", f"{AUDIENCES}: 'everyone'"),
        ("audience", "silent", f"{AUDIENCES}: 'silent'"),
        ("audience", "new:5", f"{AUDIENCES}: 'new:5'"),
        ("audience", "segment", f"{AUDIENCES}: 'segment'"),
        ("audience", "silent:often", "must be a whole number above 0: 'often'"),
        ("limits", "customer=1", "must be scope/period=count, such as customer/day=1"),
        ("limits", "customer/day", "must be scope/period=count, such as customer/day=1"),
        (
            "limits",
            "person/day=1",
            "must be one of promotion, code, customer, device, card, location: 'person'",
        ),
        ("limits", "customer/hour=1", "must be one of ever, day, week, month: 'hour'"),
        ("limits", "customer/day=0", "must be a whole number above 0: '0'"),
        ("limits", "customer/day=1|customer/day=2", "says customer/day twice"),
        ("budget", "0.00", "must be above 0"),
        ("budget", "1e6", "must be a number such as 10.50"),
        ("priority", "-1", "must be a whole number: '-1'"),
        ("hold_minutes", "0", "must be a whole number above 0: '0'"),
        ("requires_reservation", "true", "must be yes or no: 'true'"),
    ],
)
def test_a_bad_term_is_named_with_its_rule(column: str, cell: str, rule: str) -> None:
    (fault,) = changed("promotions", **{column: cell})

    assert fault.startswith(f"{column} {rule}")


@pytest.mark.parametrize(
    "column", ["cap_discount_at", "refuse_above", "budget", "revenue_goal", "benefit"]
)
def test_an_amount_needs_a_currency(column: str) -> None:
    cell = "amount:5.00" if column == "benefit" else "500"

    found = changed("promotions", currency="", minimum_spend="", **{column: cell})

    assert found == [f"currency is empty, and {column} is an amount"]


def test_a_percentage_needs_no_currency() -> None:
    assert promotion(currency="", minimum_spend="", benefit="percent:10").currency is None


@pytest.mark.parametrize(
    ("cells", "fault"),
    [
        (
            {"refuse_above": "10.49"},
            "refuse_above must not be below minimum_spend: no order could meet both",
        ),
        (
            {"include_skus": "A|B", "exclude_skus": "b"},
            "exclude_skus leaves out what is included: 'b'",
        ),
        (
            {"include_categories": "Hot  Drinks", "exclude_categories": "hot drinks"},
            "exclude_categories leaves out what is included: 'hot drinks'",
        ),
        (
            {"benefit": "free_item:TEA", "exclude_skus": "tea"},
            "benefit gives what exclude_skus leaves out: 'TEA'",
        ),
        (
            {"benefit": "free_shipping", "cap_discount_at": "5"},
            "cap_discount_at has nothing to cap: free_shipping takes nothing off the lines",
        ),
        (
            {"limits": "code/ever=5", "code_limit": "5"},
            "limits says code/ever, and code_limit says it too",
        ),
        (
            {"limits": "customer/ever=1", "customer_limit": "2"},
            "limits says customer/ever, and customer_limit says it too",
        ),
    ],
)
def test_terms_that_contradict_each_other_are_refused(cells: dict[str, str], fault: str) -> None:
    assert changed("promotions", **cells) == [fault]


def test_terms_that_only_meet_do_not_contradict() -> None:
    said = promotion(refuse_above="10.50", limits="code/day=5|customer/month=1", code_limit="9")

    assert said.refuse_above_minor == said.minimum_spend_minor


def test_of_a_bad_term_nothing_else_is_told() -> None:
    """What stands in for a bad cell contradicts nobody."""
    found = changed("promotions", benefit="free", cap_discount_at="5", refuse_above="0")

    assert [fault.split(" ")[0] for fault in found] == ["benefit", "refuse_above"]
