"""A promotion's row: its terms, and the rules that they break by contradicting each other."""

from collections.abc import Iterator

from vouchsafe.pure import register_cells as cells
from vouchsafe.pure.codes import folded
from vouchsafe.pure.register import Benefit, LimitScope, LimitTerm, Promotion
from vouchsafe.pure.register_cells import As, Cells

NOTHING: frozenset[str] = frozenset()

_OTHER_AMOUNTS = ("cap_discount_at", "refuse_above", "budget", "revenue_goal")
_SHORT_FORMS: tuple[tuple[str, LimitScope], ...] = (
    ("code_limit", "code"),
    ("customer_limit", "customer"),
)


def promotion_of(of: Cells) -> Promotion:
    """The terms of a row, with every rule that they break kept in the cells."""
    starts_on, ends_on = cells.window(of)
    currency, amount = _currency_of_amounts(of)
    said = Promotion(
        promotion_id=of.needed("promotion_id", cells.NAME),
        campaign_id=of.needed("campaign_id", cells.NAME),
        starts_on=starts_on,
        ends_on=ends_on,
        voucher_class=of.needed("voucher_class", cells.VOUCHER_CLASS),
        owner=of.needed("owner", cells.TEXT),
        purpose=of.needed("purpose", cells.TEXT),
        vat_class=of.given("vat_class", cells.TEXT, ""),
        code_limit=of.given("code_limit", cells.COUNT, None),
        customer_limit=of.given("customer_limit", cells.COUNT, None),
        places=of.given("places", cells.PLACES, NOTHING),
        minimum_spend_minor=of.given("minimum_spend", amount, None),
        max_discount_minor=of.given("max_discount", amount, None),
        max_percent=of.given("max_percent", cells.PERCENT, None),
        currency=currency,
        stacking=of.given("stacking", cells.STACKING, "combinable"),
        generic=of.given("generic", cells.YES_OR_NO, default=False),
        confirmed_by=of.given("confirmed_by", cells.CONFIRMED_BY, "platform"),
        on_rollback=of.given("on_rollback", cells.ON_ROLLBACK, "restore"),
        status=of.given("status", cells.STATUS, "active"),
        off_since=of.given("off_since", cells.MOMENT, None),
        benefit=of.given("benefit", cells.benefit(_known(of, currency)), None),
        cap_discount_at_minor=of.given("cap_discount_at", amount, None),
        refuse_above_minor=of.given("refuse_above", amount, None),
        include_skus=of.given("include_skus", cells.NAMES, NOTHING),
        exclude_skus=of.given("exclude_skus", cells.NAMES, NOTHING),
        include_categories=of.given("include_categories", cells.NAMES, NOTHING),
        exclude_categories=of.given("exclude_categories", cells.NAMES, NOTHING),
        low_stock_below=of.given("low_stock_below", cells.COUNT, None),
        weekdays=of.given("weekdays", cells.WEEKDAYS, frozenset()),
        hours=of.given("hours", cells.HOURS, ()),
        audience=of.given("audience", cells.AUDIENCE, cells.ANYONE),
        limits=of.given("limits", cells.LIMITS, ()),
        budget_minor=of.given("budget", amount, None),
        revenue_goal_minor=of.given("revenue_goal", amount, None),
        priority=of.given("priority", cells.WHOLE, 0),
        hold_minutes=of.given("hold_minutes", cells.COUNT, 30),
        requires_reservation=of.given("requires_reservation", cells.YES_OR_NO, default=False),
    )
    for column, rule in _contradictions(said):
        if of.are_good(column):
            of.refuse(column, rule)
    return said


def _currency_of_amounts(of: Cells) -> tuple[str | None, As[int]]:
    currency = of.given("currency", cells.CURRENCY, None)
    if currency is None and of.says("minimum_spend", "max_discount"):
        of.refuse("currency", "is empty, and minimum_spend or max_discount is an amount")
    for column in _OTHER_AMOUNTS:
        if currency is None and of.says(column):
            of.refuse("currency", f"is empty, and {column} is an amount")
    return currency, cells.amount(_known(of, currency))


def _known(of: Cells, currency: str | None) -> str | None:
    return currency if of.are_good("currency") else None


def _contradictions(said: Promotion) -> Iterator[tuple[str, str]]:
    """Terms under which nobody could ever redeem, or of which nobody could say which holds."""
    benefit = said.benefit
    if said.off_since and said.status == "active":
        yield "off_since", "is given, and the status is active"
    if benefit and benefit.kind == "amount" and said.currency is None:
        yield "currency", "is empty, and benefit is an amount"
    if benefit and benefit.kind == "free_shipping" and said.cap_discount_at_minor is not None:
        yield "cap_discount_at", "has nothing to cap: free_shipping takes nothing off the lines"
    if benefit and benefit.kind == "free_item":
        yield from _never_free(benefit, said)
    least, above = said.minimum_spend_minor, said.refuse_above_minor
    if least is not None and above is not None and above < least:
        yield "refuse_above", "must not be below minimum_spend: no order could meet both"
    yield from _both("exclude_skus", said.include_skus, said.exclude_skus)
    yield from _both("exclude_categories", said.include_categories, said.exclude_categories)
    yield from _said_twice(said, said.limits)


def _never_free(benefit: Benefit, said: Promotion) -> Iterator[tuple[str, str]]:
    if folded(benefit.sku) in map(folded, said.exclude_skus):
        yield "benefit", f"gives what exclude_skus leaves out: {benefit.sku!r}"


def _both(
    column: str, included: frozenset[str], excluded: frozenset[str]
) -> Iterator[tuple[str, str]]:
    ins = set(map(folded, included))
    for each in sorted(excluded):
        if folded(each) in ins:
            yield column, f"leaves out what is included: {each!r}"


def _said_twice(said: Promotion, limits: tuple[LimitTerm, ...]) -> Iterator[tuple[str, str]]:
    """The short forms of a limit are limits too."""
    for column, scope in _SHORT_FORMS:
        short = said.code_limit if scope == "code" else said.customer_limit
        if short is not None and any((e.scope, e.period) == (scope, "ever") for e in limits):
            yield "limits", f"says {scope}/ever, and {column} says it too"
