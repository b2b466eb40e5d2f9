"""The linter: what is wrong or unwise in rows that break no rule of the register itself.

Findings are errors, which hold a proposal up, or advice, which people may overrule. Each names the
row, the field and the rule.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Literal

from vouchsafe.pure import naming as names
from vouchsafe.pure.guessing import (
    bits_needed,
    forms,
    secret_of,
    shared_length,
    skeleton,
    worth_of,
)
from vouchsafe.pure.naming import Named, Naming
from vouchsafe.pure.register import MEANS_OF_PAYMENT, Campaign, Code, Promotion
from vouchsafe.pure.register_check import Standing
from vouchsafe.pure.register_entries import Key, campaign_key, code_key, promotion_key
from vouchsafe.pure.register_lines import CodeInPromotion, Line
from vouchsafe.pure.register_rows import RowKind
from vouchsafe.pure.vat import Vat

Severity = Literal["error", "advice"]
Rule = Literal[
    "name_pattern",
    "mandatory",
    "pays",
    "look_alike",
    "stands_already",
    "too_short",
    "window_past",
    "window_long",
    "overlap",
    "over_mailing",
    "no_limit",
    "retired",
    "nobody",
    "vat_unknown",
]

# Of the issue: what every promotion must say outright, though the register has a default for it.
_OUTRIGHT = ("confirmed_by", "on_rollback")
_LONGEST_WINDOW = timedelta(days=366)
# Whose forms are asked for one by one; those of generated codes are only held against each other.
MOST_CODES_ASKED = 50


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """`row` counts from 1 within its kind; `field` is the column."""

    severity: Severity
    rule: Rule
    kind: RowKind
    row: int
    field: str
    says: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Around:
    """What the rows are held against: the register, codes that look alike, names, VAT, today."""

    standing: Standing
    today: date
    naming: Naming = field(default_factory=Naming)
    alike: Mapping[str, str] = field(default_factory=dict)  # canonical -> raw
    empty: frozenset[str] = frozenset()  # segments whose list has nobody on it
    vat: Vat = field(default_factory=Vat)


def forms_asked(lines: Sequence[Line]) -> frozenset[Key]:
    """Codes that would be taken for those of the lines, if there are any; for `Around.alike`."""
    said = _codes(lines)
    if len(said) > MOST_CODES_ASKED:
        return frozenset()
    return frozenset(code_key(form) for each in said for form in forms(each.canonical))


def segments_asked(lines: Iterable[Line]) -> frozenset[str]:
    """The segments that promotions are for; for `Around.empty`."""
    said = (line.said for line in lines)
    found = (each.audience.segment_id for each in said if isinstance(each, Promotion))
    return frozenset(found) - {""}


def findings_of(lines: Sequence[Line], around: Around) -> list[Finding]:
    """All findings, in the order of the rows, errors first."""
    whole = _Whole(lines, around)
    found: list[Finding] = []
    for line in lines:
        match line.said:
            case Campaign():
                found += [*_named(line, whole), *_window(line, line.said, whole)]
            case Promotion():
                found += _of_promotion(line, line.said, whole)
            case CodeInPromotion():
                found += [*_named(line, whole), *_stands(line, line.said, whole)]
    found += _look_alikes(lines, around)
    found += _too_short(lines, whole)
    return in_turn(found)


def in_turn(found: Iterable[Finding]) -> list[Finding]:
    """Errors first, then by row."""
    return sorted(found, key=lambda each: (each.severity != "error", each.kind, each.row))


class _Whole:
    """The campaigns and promotions as they would stand."""

    def __init__(self, lines: Iterable[Line], around: Around) -> None:
        self.around = around
        self._said = {line.key: line.said for line in lines if line.key}

    def promotion(self, promotion_id: str) -> Promotion | None:
        found = self._entry(promotion_key(promotion_id))
        return found if isinstance(found, Promotion) else None

    def campaign(self, campaign_id: str) -> Campaign | None:
        found = self._entry(campaign_key(campaign_id))
        return found if isinstance(found, Campaign) else None

    def _entry(self, key: Key) -> object:
        return self._said.get(key) or self.around.standing.entry(key)


def _of_promotion(line: Line, said: Promotion, whole: _Whole) -> Iterator[Finding]:
    yield from _named(line, whole)
    yield from _window(line, said, whole)
    yield from _retired(line, said, whole)
    if said.audience.segment_id in whole.around.empty:
        rule = f"is for nobody yet: the list of {said.audience.segment_id!r} is empty"
        yield _advice("nobody", line, "audience", rule)
    if not line.bad:
        yield from _taxed(line, said, whole.around.vat)
    if said.voucher_class in MEANS_OF_PAYMENT and said.benefit and not line.bad:
        rule = f"is no term of {said.voucher_class}: it pays, and takes nothing off an order"
        yield _error("pays", line, "benefit", rule)
    for column in _OUTRIGHT:
        if not line.row.cells.get(column):
            yield _error("mandatory", line, column, "must be said: it decides what counts as a use")
    limited = said.code_limit or said.customer_limit or said.limits or said.budget_minor
    if said.generic and not limited and not line.bad:
        rule = "is a term that a generic code needs, or a budget: everybody may use it for ever"
        yield _error("no_limit", line, "limits", rule)


def _taxed(line: Line, said: Promotion, vat: Vat) -> Iterator[Finding]:
    """Until classes are set nobody posts by them, and a plain discount may do without one."""
    names = [each.name for each in vat.classes]
    if not said.vat_class:
        severity: Severity = "error" if names or said.voucher_class != "discount" else "advice"
        rule = f"must be said for {said.voucher_class}: it decides what tax is due, and when"
        yield _finding(severity, "mandatory", line, "vat_class", rule)
    elif names and said.vat_class not in names:
        rule = f"is none of the classes that are set, {', '.join(names)}: {said.vat_class!r}"
        yield _error("vat_unknown", line, "vat_class", rule)


def _retired(line: Line, said: Promotion, whole: _Whole) -> Iterator[Finding]:
    held = whole.around.standing.entry(promotion_key(said.promotion_id))
    if isinstance(held, Promotion) and held.status == "retired" and said.status != "retired":
        rule = "is retired, and what is retired stays so: make another promotion"
        yield _error("retired", line, "status", rule)


def _named(line: Line, whole: _Whole) -> Iterator[Finding]:
    """Names that people choose; who has many codes has let them be drawn."""
    column, pattern, named = _name_of(line, whole)
    rule = names.broken(pattern, whole.around.naming, named) if named else ""
    if rule and column not in line.bad:
        severity: Severity = "error" if whole.around.naming.strict else "advice"
        yield _finding(severity, "name_pattern", line, column, rule)


def _name_of(line: Line, whole: _Whole) -> tuple[str, str, Named | None]:
    """(column, pattern, name), where there is a name to judge."""
    naming, said = whole.around.naming, line.said
    if isinstance(said, Campaign):
        named = Named(said.campaign_id, said.campaign_id, said.starts_on, said.ends_on)
        return "campaign_id", naming.campaign, named
    if isinstance(said, Promotion):
        named = Named(said.promotion_id, said.campaign_id, said.starts_on, said.ends_on)
        return "promotion_id", naming.promotion, named
    if isinstance(said, CodeInPromotion):
        of = whole.promotion(said.promotion_id)
        if of and of.generic:
            named = Named(said.raw, of.campaign_id, of.starts_on, of.ends_on)
            return "code", naming.code, named
    return "", "", None


def _window(line: Line, said: Campaign | Promotion, whole: _Whole) -> Iterator[Finding]:
    if line.bad.intersection(("starts_on", "ends_on")):
        return
    today = whole.around.today
    if said.ends_on < today:
        yield _error("window_past", line, "ends_on", f"is past: {said.ends_on}")
    elif said.starts_on < today and whole.around.standing.held.get(line.key or Key("")) is None:
        rule = f"is past: it counts from the start for what was sold since {said.starts_on}"
        yield _advice("window_past", line, "starts_on", rule)
    if said.ends_on - said.starts_on > _LONGEST_WINDOW:
        yield _advice("window_long", line, "ends_on", "is more than a year after its start")


def _stands(line: Line, said: CodeInPromotion, whole: _Whole) -> Iterator[Finding]:
    held = whole.around.standing.entry(code_key(said.canonical))
    if isinstance(held, Code) and said.promotion_id not in held.promotions and not line.bad:
        rule = f"stands in the register already, for {', '.join(held.promotions)}: {held.raw!r}"
        yield _advice("stands_already", line, "code", rule)


def _look_alikes(lines: Iterable[Line], around: Around) -> Iterator[Finding]:
    first: dict[str, CodeInPromotion] = {}
    for line in lines:
        said = line.said
        if not isinstance(said, CodeInPromotion) or line.bad:
            continue
        other = first.setdefault(skeleton(said.canonical), said)
        alike = [around.alike[form] for form in forms(said.canonical) if form in around.alike]
        if other.canonical != said.canonical:
            alike.append(other.raw)
        if alike:
            rule = f"looks like {', '.join(map(repr, sorted(alike)))}: {said.raw!r}"
            yield _advice("look_alike", line, "code", rule)


def _too_short(lines: Iterable[Line], whole: _Whole) -> Iterator[Finding]:
    """Codes that nobody is told, by promotion; a generic one is no secret."""
    by_promotion: dict[str, list[Line]] = defaultdict(list)
    for line in lines:
        if isinstance(line.said, CodeInPromotion) and not line.bad:
            by_promotion[line.said.promotion_id].append(line)
    for promotion_id, held in by_promotion.items():
        promotion = whole.promotion(promotion_id)
        if promotion and not promotion.generic:
            yield from _guessable(held, promotion)


def _guessable(lines: Sequence[Line], promotion: Promotion) -> Iterator[Finding]:
    codes = _codes(lines)
    shared = shared_length([each.canonical for each in codes])
    worth = worth_of(promotion)
    needed = bits_needed(len(codes), worth)
    severity: Severity = "advice" if promotion.voucher_class == "discount" else "error"
    for line, code in zip(lines, codes, strict=True):
        bits = secret_of(code.raw, shared).bits()
        if bits < needed:
            rule = (
                f"has at most {bits:.0f} bits to guess, and {len(codes)} worth {worth:.0f}"
                f" {promotion.currency or 'each'} need {needed:.0f}: make it longer, or generic"
            )
            yield _finding(severity, "too_short", line, "code", rule)


def _codes(lines: Iterable[Line]) -> list[CodeInPromotion]:
    return [line.said for line in lines if isinstance(line.said, CodeInPromotion) and not line.bad]


def _error(rule: Rule, line: Line, column: str, says: str) -> Finding:
    return _finding("error", rule, line, column, says)


def _advice(rule: Rule, line: Line, column: str, says: str) -> Finding:
    return _finding("advice", rule, line, column, says)


def _finding(severity: Severity, rule: Rule, line: Line, column: str, says: str) -> Finding:
    return Finding(
        severity=severity,
        rule=rule,
        kind=line.row.kind,
        row=line.row.line,
        field=column,
        says=says,
    )
