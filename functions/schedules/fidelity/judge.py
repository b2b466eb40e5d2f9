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
    """Which shop, which front end, which day of the property.

    `first` is whether it is the property's first shop by name: what belongs to no order of any shop
    (`applied`, and purchases that nobody knows) is told there, once.
    """

    platform: str
    account: str
    front_end: str
    day: date
    first: bool = True


def judge(
    scope: Compared,
    sold: Iterable[Sold],
    seen: Iterable[Sighting],
    look_up: Callable[[str], Sold | None],
    is_others: Callable[[str], bool],
    judged_at: datetime,
) -> DayFidelity:
    """All that the two sides agree and disagree on.

    `sold` are the orders around the day: only those of the day itself are asked for a report, while
    a report may stand a day beside its order. `look_up` finds an order that is not among them;
    `is_others` tells whether another shop of the property sold it.
    """
    orders = {each.order_id: each for each in sold}
    sightings = list(seen)
    reports = _reports(sightings)
    of_day = [each for each in orders.values() if each.day == scope.day and each.has_a_page()]
    own_day = [each for each in sightings if each.day == scope.day]
    told = _Told(scope, orders, look_up, is_others)
    return DayFidelity(
        platform=scope.platform,
        account=scope.account,
        front_end=scope.front_end,
        day=scope.day,
        judged_at=judged_at,
        codes=_codes(of_day, reports),
        applied=_applied(own_day) if scope.first else (),
        alone=tuple(_alone(_reports(own_day), told)),
        repeated=tuple(each for each in _repeated(own_day) if told.concerns(each)),
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


class _Told:
    """Whose a reported transaction is: looked up once, wherever it stands."""

    def __init__(
        self,
        scope: Compared,
        orders: Mapping[str, Sold],
        look_up: Callable[[str], Sold | None],
        is_others: Callable[[str], bool],
    ) -> None:
        self._first = scope.first
        self._look_up = look_up
        self._is_others = is_others
        self._sold: dict[str, Sold | None] = dict(orders)

    def sold(self, transaction: str) -> Sold | None:
        """This shop's order of that name."""
        if transaction not in self._sold:
            self._sold[transaction] = self._look_up(transaction)
        return self._sold[transaction]

    def concerns(self, transaction: str) -> bool:
        """Whether it is this shop's, or nobody's and this shop is the property's first."""
        if self.sold(transaction) is not None:
            return True
        return self._first and not self._is_others(transaction)


def _alone(reports: Mapping[str, frozenset[str]], told: _Told) -> Iterable[Alone]:
    """Reported codes that stand on no confirmed order."""
    for transaction, codes in sorted(reports.items()):
        if not codes or not told.concerns(transaction):
            continue
        sold = told.sold(transaction)
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
