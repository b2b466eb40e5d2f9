"""Campaigns and promotions of every kind, and how a person would write them into the files."""

from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from typing import Any, get_args

from hypothesis import strategies as st

from vouchsafe.pure import money
from vouchsafe.pure.register import (
    Audience,
    Benefit,
    Campaign,
    Hours,
    LimitPeriod,
    LimitTerm,
    Promotion,
    Weekday,
)
from vouchsafe.pure.register_rows import COLUMNS, RowKind

AMOUNTS = [
    "minimum_spend",
    "max_discount",
    "cap_discount_at",
    "refuse_above",
    "budget",
    "revenue_goal",
]
LISTS = [
    "places",
    "include_skus",
    "exclude_skus",
    "include_categories",
    "exclude_categories",
    "weekdays",
]
DAYS = st.dates(date(2000, 1, 1), date(2100, 1, 1))
TEXTS = st.text(st.characters(categories=("Lu", "Ll", "Nd")), min_size=1, max_size=20)


@st.composite
def campaigns(draw: st.DrawFn) -> Campaign:
    starts_on = draw(DAYS)
    return Campaign(
        campaign_id=draw(TEXTS),
        name=draw(TEXTS),
        purpose=draw(TEXTS),
        owner=draw(TEXTS),
        starts_on=starts_on,
        ends_on=starts_on + timedelta(days=draw(st.integers(0, 400))),
        utm_source=draw(TEXTS),
        utm_medium=draw(TEXTS),
        utm_campaign=draw(TEXTS),
        planned_uses_a_day=draw(st.integers(0, 10**6)) / 100,
        look_back_days=draw(st.integers(1, 365)),
    )


@st.composite
def promotions(draw: st.DrawFn, campaign: Campaign) -> Promotion:
    currency = draw(st.sampled_from(["EUR", "JPY", "KWD"]))
    return Promotion(
        promotion_id=draw(TEXTS),
        campaign_id=campaign.campaign_id,
        starts_on=campaign.starts_on,
        ends_on=campaign.ends_on,
        voucher_class=draw(st.sampled_from(["discount", "single_purpose"])),
        owner=draw(TEXTS),
        purpose=draw(TEXTS),
        vat_class=draw(TEXTS),
        code_limit=draw(st.none() | st.integers(1, 10**6)),
        customer_limit=draw(st.none() | st.integers(1, 10**6)),
        minimum_spend_minor=draw(st.none() | st.integers(1, 10**9)),
        max_discount_minor=draw(st.none() | st.integers(1, 10**9)),
        max_percent=draw(st.none() | st.integers(1, 100).map(float)),
        currency=currency,
        stacking=draw(st.sampled_from(["exclusive", "combinable", "best_only"])),
        generic=draw(st.booleans()),
        confirmed_by=draw(st.sampled_from(["platform", "payment", "final_bill", "check_in"])),
        on_rollback=draw(st.sampled_from(["restore", "keep"])),
        **draw(terms(currency)),
    )


def benefits(digits: int) -> st.SearchStrategy[Benefit]:
    percent = st.integers(1, 10_000).map(lambda each: Decimal(each) / 100)
    return st.one_of(
        st.builds(Benefit, kind=st.just("percent"), percent=percent),
        st.builds(Benefit, kind=st.just("amount"), amount_minor=st.integers(1, 10 ** (digits + 4))),
        st.builds(Benefit, kind=st.just("free_item"), sku=TEXTS.map("item-{}".format)),
    )


AUDIENCES = st.one_of(
    st.sampled_from(["anyone", "new", "returning", "holder"]).map(
        lambda kind: Audience(kind=kind)  # type: ignore[arg-type]
    ),
    st.builds(Audience, kind=st.just("silent"), days=st.integers(1, 400)),
)
MINUTES = st.integers(0, 1439).map(lambda minute: time(minute // 60, minute % 60))
SPANS = st.tuples(MINUTES, MINUTES).filter(lambda two: two[0] != two[1])
WEEKDAYS = st.sets(st.sampled_from(get_args(Weekday))).map(frozenset)


@st.composite
def limit_terms(draw: st.DrawFn) -> tuple[LimitTerm, ...]:
    scopes = st.sampled_from(["promotion", "device", "card", "location"])
    named = draw(st.sets(st.tuples(scopes, st.sampled_from(get_args(LimitPeriod))), max_size=4))
    counts = st.integers(1, 10**6)
    return tuple(
        LimitTerm(scope=scope, period=period, most=draw(counts))  # type: ignore[arg-type]
        for scope, period in sorted(named)
    )


SWITCHED = st.one_of(
    st.just({"status": "active"}),
    st.fixed_dictionaries(
        {
            "status": st.sampled_from(["paused", "retired"]),
            "off_since": st.none() | st.just(datetime(2026, 7, 1, 10, tzinfo=UTC)),
        }
    ),
)


@st.composite
def terms(draw: st.DrawFn, currency: str) -> dict[str, Any]:
    spans = sorted(draw(st.sets(SPANS, max_size=2)))
    amounts = st.none() | st.integers(10**9, 10**10)
    return {
        **draw(SWITCHED),
        "benefit": draw(st.none() | benefits(money.exponent(currency))),
        "cap_discount_at_minor": draw(amounts),
        "refuse_above_minor": draw(amounts),
        "include_skus": draw(st.frozensets(TEXTS.map("in-{}".format), max_size=2)),
        "exclude_skus": draw(st.frozensets(TEXTS.map("out-{}".format), max_size=2)),
        "include_categories": draw(st.frozensets(TEXTS.map("in-{}".format), max_size=2)),
        "exclude_categories": draw(st.frozensets(TEXTS.map("out-{}".format), max_size=2)),
        "low_stock_below": draw(st.none() | st.integers(1, 100)),
        "weekdays": draw(WEEKDAYS),
        "hours": tuple(Hours(opens=opens, closes=closes) for opens, closes in spans),
        "audience": draw(AUDIENCES),
        "limits": draw(limit_terms()),
        "budget_minor": draw(amounts),
        "revenue_goal_minor": draw(amounts),
        "priority": draw(st.integers(0, 99)),
        "hold_minutes": draw(st.integers(1, 600)),
        "requires_reservation": draw(st.booleans()),
    }


def cells_of(entry: Campaign | Promotion) -> dict[str, str]:
    """An entry as a person would write it."""
    kind: RowKind = "campaigns" if isinstance(entry, Campaign) else "promotions"
    cells = {name: getattr(entry, name, None) for name in COLUMNS[kind].all()}
    if isinstance(entry, Promotion):
        cells |= cells_of_terms(entry)
    return {name: "" if cell is None else f"{cell}" for name, cell in cells.items()}


def cells_of_terms(entry: Promotion) -> dict[str, Any]:
    cells: dict[str, Any] = {}
    for column in AMOUNTS:
        minor = getattr(entry, f"{column}_minor")
        cells[column] = minor and money.decimal_text(minor, str(entry.currency))
    for column in LISTS:
        cells[column] = "|".join(getattr(entry, column))
    for column in ("generic", "requires_reservation"):
        cells[column] = "yes" if getattr(entry, column) else "no"
    cells["benefit"] = entry.benefit and benefit_cell(entry.benefit, str(entry.currency))
    audience = entry.audience
    said = str(audience.days or "")
    cells["audience"] = f"{audience.kind}:{said}" if said else audience.kind
    cells["hours"] = "|".join(f"{each.opens:%H:%M}-{each.closes:%H:%M}" for each in entry.hours)
    cells["limits"] = "|".join(f"{e.scope}/{e.period}={e.most}" for e in reversed(entry.limits))
    return cells


def benefit_cell(benefit: Benefit, currency: str) -> str:
    if benefit.kind == "amount":
        return f"amount:{money.decimal_text(benefit.amount_minor, currency)}"
    return f"{benefit.kind}:{benefit.sku or benefit.percent}"
