"""A day's sightings against what the ledger confirmed: matched by order and code, never by sums."""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from vouchsafe.pure.fidelity import Alone, CodeFidelity, DayFidelity, Deviation
from vouchsafe.pure.sighting import Sighting

# Platforms that sell over a counter too, and what they call that: no browser was there to report.
_COUNTERS = frozenset({"pos", "retail"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Sold:
    """An order as the comparison sees it. `codes` are those confirmed on it, whatever came later;
    `confirmed` is whether anything ever was."""

    order: str
    order_id: str
    day: date
    location_id: str
    channel: str
    confirmed: bool
    codes: tuple[str, ...]
    currency: str
    total_minor: int

    def has_a_page(self) -> bool:
        """Whether a browser could have told of it."""
        return self.channel.casefold() not in _COUNTERS


@dataclass(frozen=True, slots=True, kw_only=True)
class Compared:
    """Which shop, which front end, which day of the property."""

    platform: str
    account: str
    front_end: str
    day: date


def judge(
    scope: Compared,
    sold: Iterable[Sold],
    seen: Iterable[Sighting],
    look_up: Callable[[str], Sold | None],
    judged_at: datetime,
) -> DayFidelity:
    """All that the two sides agree and disagree on.

    `sold` are the orders around the day: only those of the day itself are asked for a report, while
    a report may stand a day beside its order. `look_up` finds an order that is not among them.
    """
    orders = {each.order_id: each for each in sold}
    sightings = list(seen)
    reports = _reports(sightings)
    of_day = [each for each in orders.values() if each.day == scope.day and each.has_a_page()]
    own_day = [each for each in sightings if each.day == scope.day]
    return DayFidelity(
        platform=scope.platform,
        account=scope.account,
        front_end=scope.front_end,
        day=scope.day,
        judged_at=judged_at,
        codes=_codes(of_day, reports),
        applied=_applied(own_day),
        alone=tuple(_alone(_reports(own_day), orders, look_up)),
        repeated=_repeated(own_day),
        deviations=tuple(_deviations(of_day, sightings)),
    )


def _reports(seen: Iterable[Sighting]) -> Mapping[str, frozenset[str]]:
    """The codes of each reported transaction, over all its reports."""
    found: dict[str, frozenset[str]] = {}
    for each in seen:
        if each.kind == "purchased" and each.transaction_id:
            codes = found.get(each.transaction_id, frozenset())
            found[each.transaction_id] = codes | frozenset(each.codes)
    return found


def _codes(sold: Iterable[Sold], reports: Mapping[str, frozenset[str]]) -> tuple[CodeFidelity, ...]:
    rows: dict[tuple[str, str], list[Sold]] = {}
    for each in sold:
        for code in each.codes:
            rows.setdefault((each.location_id, code), []).append(each)
    return tuple(
        _row(location, code, rows[location, code], reports) for location, code in sorted(rows)
    )


def _row(
    location: str, code: str, sold: Sequence[Sold], reports: Mapping[str, frozenset[str]]
) -> CodeFidelity:
    missing = [each.order for each in sold if each.order_id not in reports]
    codeless = [
        each.order
        for each in sold
        if each.order_id in reports and code not in reports[each.order_id]
    ]
    return CodeFidelity(
        location_id=location,
        code=code,
        confirmed=len(sold),
        reported=len(sold) - len(missing) - len(codeless),
        missing=tuple(sorted(missing)),
        codeless=tuple(sorted(codeless)),
    )


def _applied(seen: Iterable[Sighting]) -> tuple[tuple[str, int], ...]:
    counts: Counter[str] = Counter()
    for each in seen:
        if each.kind == "applied":
            counts.update(dict.fromkeys(each.codes, each.times))
    return tuple(sorted(counts.items()))


def _alone(
    reports: Mapping[str, frozenset[str]],
    orders: Mapping[str, Sold],
    look_up: Callable[[str], Sold | None],
) -> Iterable[Alone]:
    """Reported codes that stand on no confirmed order."""
    for transaction, codes in sorted(reports.items()):
        if not codes:
            continue
        sold = orders.get(transaction) or look_up(transaction)
        for code in sorted(codes):
            if sold is None:
                yield Alone(transaction_id=transaction, code=code, why="no_such_order")
            elif not sold.confirmed:
                yield Alone(transaction_id=transaction, code=code, why="not_confirmed")
            elif code not in sold.codes:
                yield Alone(transaction_id=transaction, code=code, why="other_codes")


def _repeated(seen: Iterable[Sighting]) -> tuple[str, ...]:
    times: Counter[str] = Counter()
    for each in seen:
        if each.kind == "purchased" and each.transaction_id:
            times[each.transaction_id] += each.times
    return tuple(sorted(name for name, count in times.items() if count > 1))


def _deviations(sold: Iterable[Sold], seen: Iterable[Sighting]) -> Iterable[Deviation]:
    """Only of single reports: what was reported twice may have been added up."""
    told = {
        each.transaction_id: (each.amount_minor, each.currency)
        for each in seen
        if each.kind == "purchased" and each.times == 1 and each.amount_minor is not None
    }
    for each in sorted(sold, key=lambda one: one.order):
        amount, currency = told.get(each.order_id, (None, None))
        if amount is None or currency != each.currency or not each.confirmed:
            continue
        if amount != each.total_minor:
            yield Deviation(
                order=each.order,
                currency=each.currency,
                front_end_minor=amount,
                ledger_minor=each.total_minor,
            )
