"""What the cells of a promotion's terms may say. Each function raises Invalid with the rule."""

from collections.abc import Iterable
from datetime import time
from typing import Literal, TypeVar, get_args

from vouchsafe.pure import money
from vouchsafe.pure import register_values as values
from vouchsafe.pure.errors import Invalid
from vouchsafe.pure.register import (
    Audience,
    Benefit,
    Hours,
    LimitPeriod,
    LimitScope,
    LimitTerm,
    SegmentRule,
    Weekday,
)

W = TypeVar("W")

_WEEKDAYS: tuple[Weekday, ...] = get_args(Weekday)
_SCOPES: tuple[LimitScope, ...] = get_args(LimitScope)
_PERIODS: tuple[LimitPeriod, ...] = get_args(LimitPeriod)
_BENEFITS = "percent:12.5, amount:5.00, free_item:<sku> or free_shipping"
_AUDIENCES = "anyone, new, returning, holder, silent:<days> or segment:<segment_id>"
_RULES = (
    "first_time, silent:<days>, orders:<count>, spent:<amount>, bought_sku:<sku>,"
    " bought_category:<category> or ordered_at:<place>; orders and spent may end in"
    " /since:<day> or /within:<days>"
)


def benefit(text: str, currency: str | None) -> Benefit:
    """What a code gives; an amount is in major units of the currency, if that is known."""
    kind, colon, said = (part.strip() for part in text.partition(":"))
    match kind, bool(said):
        case "percent", True:
            return Benefit(kind="percent", percent=values.exact_percent(said))
        case "amount", True:
            return Benefit(kind="amount", amount_minor=_amount(said, currency))
        case "free_item", True:
            return Benefit(kind="free_item", sku=values.name_of_thing(said))
        case "free_shipping", False if not colon:
            return Benefit(kind="free_shipping")
    raise _refused(f"must be {_BENEFITS}: {text!r}")


def audience(text: str) -> Audience:
    """Whom the promotion is for."""
    kind, colon, said = (part.strip() for part in text.partition(":"))
    match kind, bool(said):
        case "anyone" | "new" | "returning" | "holder", False if not colon:
            return Audience(kind=kind)
        case "silent", True:
            return Audience(kind="silent", days=values.whole_above_zero(said))
        case "segment", True:
            return Audience(kind="segment", segment_id=values.name_of_thing(said))
    raise _refused(f"must be {_AUDIENCES}: {text!r}")


def segment_rules(text: str, currency: str | None) -> tuple[SegmentRule, ...]:
    """What a segment's customers have in common; amounts are in major units of the currency."""
    return tuple(_segment_rule(each, currency) for each in _parts(text))


def weekdays(text: str) -> frozenset[Weekday]:
    return frozenset(_word(each, _WEEKDAYS) for each in _parts(text))


def hours(text: str) -> tuple[Hours, ...]:
    """Spans of wall-clock time, the earliest first."""
    spans = [_span(each) for each in _parts(text)]
    return tuple(sorted(spans, key=lambda each: (each.opens, each.closes)))


def names(text: str) -> frozenset[str]:
    """Skus or categories."""
    return frozenset(values.name_of_thing(each) for each in _parts(text))


def limits(text: str) -> tuple[LimitTerm, ...]:
    """`scope/period=count`, in a certain order; each scope and period at most once."""
    found = [_limit(each) for each in _parts(text)]
    told: set[tuple[LimitScope, LimitPeriod]] = set()
    for each in found:
        if (each.scope, each.period) in told:
            raise _refused(f"says {each.scope}/{each.period} twice")
        told.add((each.scope, each.period))
    return tuple(sorted(found, key=lambda each: (each.scope, each.period)))


def _segment_rule(text: str, currency: str | None) -> SegmentRule:
    kind, colon, said = (part.strip() for part in text.partition(":"))
    match kind, bool(said):
        case "first_time", False if not colon:
            return SegmentRule(kind=kind)
        case "silent", True:
            return SegmentRule(kind=kind, days=values.whole_above_zero(said))
        case "orders" | "spent", True:
            return _at_least(kind, said, currency)
        case "bought_sku" | "bought_category", True:
            return SegmentRule(kind=kind, name=values.name_of_thing(said))
        case "ordered_at", True:
            return SegmentRule(kind=kind, name="/".join(values.place(said)))
    raise _refused(f"must be {_RULES}: {text!r}")


def _at_least(kind: Literal["orders", "spent"], text: str, currency: str | None) -> SegmentRule:
    said, slash, span = (part.strip() for part in text.partition("/"))
    least = values.whole_above_zero(said) if kind == "orders" else _amount(said, currency)
    word, _, value = (part.strip() for part in span.partition(":"))
    match word:
        case "since":
            return SegmentRule(kind=kind, least=least, since=values.day(value))
        case "within":
            return SegmentRule(kind=kind, least=least, within=values.whole_above_zero(value))
        case "" if not slash:
            return SegmentRule(kind=kind, least=least)
    raise _refused(f"must end in /since:<day> or /within:<days>, or not at all: {text!r}")


def _limit(text: str) -> LimitTerm:
    of, equals, most = (part.strip() for part in text.partition("="))
    scope, slash, period = (part.strip() for part in of.partition("/"))
    if not (equals and slash):
        raise _refused(f"must be scope/period=count, such as customer/day=1: {text!r}")
    return LimitTerm(
        scope=_word(scope, _SCOPES),
        period=_word(period, _PERIODS),
        most=values.whole_above_zero(most),
    )


def _span(text: str) -> Hours:
    opens, dash, closes = (part.strip() for part in text.partition("-"))
    if not (opens and dash and closes):
        raise _refused(f"must be a span such as 11:00-15:00: {text!r}")
    span = Hours(opens=_clock(opens), closes=_clock(closes))
    if span.opens == span.closes:
        raise _refused(f"must not begin and end at the same minute: {text!r}")
    return span


def _clock(text: str) -> time:
    return values.clock(text)


def _amount(text: str, currency: str | None) -> int:
    value = values.decimal(text)
    if value == 0:
        raise _refused("must be above 0")
    return money.minor_units(value, currency) if currency else 1


def _word(text: str, words: Iterable[W]) -> W:
    for word in words:
        if word == text:
            return word
    raise _refused(f"must be one of {', '.join(map(str, words))}: {text!r}")


def _parts(text: str) -> list[str]:
    """What bars separate; nothing between two bars is a slip of the hand."""
    parts = [part.strip() for part in text.split("|")]
    if not all(parts):
        raise _refused(f"has nothing between two bars, or at its end: {text!r}")
    return parts


def _refused(rule: str) -> Invalid:
    return Invalid("cell", rule)
