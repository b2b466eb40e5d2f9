"""The till's list against the ledger, order by order: sets of keys first, then what each says."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from datetime import datetime

from vouchsafe.pure.books import Break, BreakKind, CodeTotal, DayResult
from vouchsafe.pure.redemption import COUNTS
from vouchsafe.pure.statement import CodeRow, Scope, StatementRow

_NOTHING = CodeRow(code="", state="rolled_back", discount_minor=0, returned_minor=0)


def match(
    scope: Scope, till: Iterable[StatementRow], ledger: Iterable[StatementRow], ran_at: datetime
) -> DayResult:
    """All that the two sides agree and disagree on, for one account and business day.

    An order that is off in the ledger and in no list of the till is no break: it was deleted there.
    """
    at_till = {row.order: row for row in till}
    in_ledger = {row.order: row for row in ledger}
    both = at_till.keys() & in_ledger.keys()
    breaks = [
        *(_missing(row, "missing_in_ledger") for key, row in at_till.items() if key not in both),
        *(
            _missing(row, "missing_at_till")
            for key, row in in_ledger.items()
            if key not in both and row.stage != "reversed"
        ),
    ]
    for key in both:
        breaks += _differences(at_till[key], in_ledger[key])
    breaks += _duplicates(in_ledger.values())
    breaks += [each for row in in_ledger.values() for each in _unmapped(row)]
    return DayResult(
        scope=scope,
        ran_at=ran_at,
        till_orders=len(at_till),
        ledger_orders=len(in_ledger),
        matched_orders=len(both),
        totals=_totals(at_till, in_ledger),
        codes=_code_totals(at_till.values(), in_ledger.values()),
        breaks=tuple(sorted(breaks, key=lambda each: each.name())),
    )


def _missing(row: StatementRow, kind: BreakKind) -> Break:
    there = kind == "missing_in_ledger"
    return Break(
        kind=kind,
        day=row.business_day,
        location_id=row.location_id,
        orders=(row.order,),
        currency=row.currency,
        field="order",
        till_minor=row.total_minor if there else 0,
        ledger_minor=0 if there else row.total_minor,
        detail=", ".join(each.code for each in row.codes) or "no code",
    )


def _differences(till: StatementRow, ledger: StatementRow) -> Iterable[Break]:
    """What the two sides say differently of one order."""
    if till.stage != ledger.stage:
        yield _break("state", till, "stage", detail=f"till {till.stage}, ledger {ledger.stage}")
    for field in ("total_minor", "discount_minor", "refunded_minor"):
        left, right = getattr(till, field), getattr(ledger, field)
        if (left, till.currency) != (right, ledger.currency):
            yield _break("amount", till, field, left, right)
    yield from _code_differences(till, ledger)


def _code_differences(till: StatementRow, ledger: StatementRow) -> Iterable[Break]:
    left = {each.code: each for each in till.codes}
    right = {each.code: each for each in ledger.codes}
    for code in sorted(left.keys() ^ right.keys()):
        here = left.get(code, _NOTHING).discount_minor
        there = right.get(code, _NOTHING).discount_minor
        detail = "only at the till" if code in left else "only in the ledger"
        yield _break("code", till, "code", here, there, code=code, detail=detail)
    for code in sorted(left.keys() & right.keys()):
        one, other = left[code], right[code]
        if one.state != other.state:
            detail = f"till {one.state}, ledger {other.state}"
            yield _break("state", till, "redemption", code=code, detail=detail)
        for field in ("discount_minor", "returned_minor"):
            here, there = getattr(one, field), getattr(other, field)
            if here != there:
                yield _break("amount", till, f"code {field}", here, there, code=code)


def _break(
    kind: BreakKind,
    row: StatementRow,
    field: str,
    till_minor: int = 0,
    ledger_minor: int = 0,
    *,
    code: str | None = None,
    detail: str = "",
) -> Break:
    return Break(
        kind=kind,
        day=row.business_day,
        location_id=row.location_id,
        orders=(row.order,),
        currency=row.currency,
        field=field.removesuffix("_minor"),
        till_minor=till_minor,
        ledger_minor=ledger_minor,
        code=code,
        detail=detail,
    )


def _duplicates(rows: Iterable[StatementRow]) -> Iterable[Break]:
    """Orders that are one sale told twice: a till that synchronised twice gives it two ids.

    The same place, instant, money and codes; orders that cost nothing and carry no code are not
    worth a person's time.
    """
    alike: dict[object, list[StatementRow]] = defaultdict(list)
    for row in rows:
        if row.stage != "reversed" and (row.total_minor or row.codes):
            same = (row.location_id, row.placed_at, row.currency, row.total_minor)
            alike[(*same, tuple(each.code for each in row.codes))].append(row)
    for group in alike.values():
        if len(group) > 1:
            group.sort(key=lambda row: row.order)
            yield Break(
                kind="duplicate",
                day=group[0].business_day,
                location_id=group[0].location_id,
                orders=tuple(row.order for row in group),
                currency=group[0].currency,
                field="order",
                till_minor=group[0].total_minor,
                ledger_minor=sum(row.total_minor for row in group),
                detail=f"{len(group)} orders at the same place, instant and amount",
            )


def _unmapped(row: StatementRow) -> Iterable[Break]:
    """Money that no code of the register stands for: shown as its own, never as an error."""
    if row.stage == "reversed":
        return
    for alias, amount in sorted(_summed(row.unmapped).items()):
        yield Break(
            kind="unmapped_discount",
            day=row.business_day,
            location_id=row.location_id,
            orders=(row.order,),
            currency=row.currency,
            field=alias,
            till_minor=amount,
            ledger_minor=amount,
            detail="the register knows no code for it",
        )


def _summed(pairs: Iterable[tuple[str, int]]) -> Mapping[str, int]:
    sums: Counter[str] = Counter()
    for name, amount in pairs:
        sums[name] += amount
    return sums


def _totals(
    till: Mapping[str, StatementRow], ledger: Mapping[str, StatementRow]
) -> tuple[tuple[str, int, int, int, int], ...]:
    """Of the orders that stand; what is off holds no money."""
    sums: dict[str, list[int]] = defaultdict(lambda: [0, 0, 0, 0])
    for side, rows in enumerate((till.values(), ledger.values())):
        for row in (each for each in rows if each.stage != "reversed"):
            sums[row.currency][side] += row.total_minor
            sums[row.currency][2 + side] += row.discount_minor
    return tuple((name, *_four(sums[name])) for name in sorted(sums))


def _four(amounts: list[int]) -> tuple[int, int, int, int]:
    till, ledger, till_off, ledger_off = amounts
    return till, ledger, till_off, ledger_off


def _code_totals(
    till: Iterable[StatementRow], ledger: Iterable[StatementRow]
) -> tuple[CodeTotal, ...]:
    """Per place and code, uses and money on both sides; money without a code on its own line."""
    uses: dict[tuple[str, str, str], list[int]] = defaultdict(lambda: [0, 0, 0, 0])
    for side, rows in enumerate((till, ledger)):
        for row in rows:
            for code, counts, amount in _lines(row):
                held = uses[row.location_id, code, row.currency]
                held[side] += counts
                held[2 + side] += amount
    return tuple(
        CodeTotal(
            location_id=location,
            code=code,
            currency=currency,
            till_uses=held[0],
            ledger_uses=held[1],
            till_minor=held[2],
            ledger_minor=held[3],
        )
        for (location, code, currency), held in sorted(uses.items())
    )


def _lines(row: StatementRow) -> Iterable[tuple[str, int, int]]:
    """Code, uses and money; an order that is off has none."""
    if row.stage == "reversed":
        return
    for each in row.codes:
        if each.state in COUNTS:
            yield each.code, 1, each.discount_minor - each.returned_minor
    if row.stage == "confirmed" and row.unmapped:
        yield "", len(row.unmapped), sum(amount for _, amount in row.unmapped)
