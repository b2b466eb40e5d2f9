"""An alarm: one happening that a person should look at, with its evidence and money at risk."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Literal

from vouchsafe.pure import codec, instant
from vouchsafe.pure.happening import Happening, Name

# The reasons are vocabulary.md's; a spike is the one alarm that breaks no term.
Rule = Literal[
    "spike",
    "code_not_found",
    "code_disabled",
    "expired",
    "not_yet_active",
    "usage_limit_reached",
    "customer_limit_reached",
    "not_combinable",
    "terms_not_met",
]
Term = Literal["places", "minimum_spend", "max_discount", "max_percent", "voucher_class"]
State = Literal["open", "cleared"]

# So many orders are shown; all of them stand in the table.
SHOWN = 20
# A breach that goes on is told again each time it has doubled, not for each order.
_GROWN = 2
# Much worse: money at risk has so many times grown since a person acknowledged the alarm, or, where
# nobody did, since it last called for one.
_WORSE_SINCE_SEEN = 2
_WORSE_UNSEEN = 10

Sums = tuple[tuple[str, int], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """One use that an alarm rests on: what was seen, and what the terms or the past expect."""

    order: str
    item: str
    redeemed_at: datetime
    currency: str
    at_risk_minor: int
    place: str = ""
    code_raw: str = ""
    seen: str = ""
    expected: str = ""

    def position(self) -> str:
        """Its place among an alarm's evidence: by time, then by order."""
        return f"{instant.text(self.redeemed_at)}#{self.order}#{self.item}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """The last notice that went out: of which revision and which call, and what it said."""

    revision: int
    state: State
    orders: int
    on: date
    calling: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Calling:
    """That an alarm calls for a person: the how-manieth time, since when, and what it said then."""

    number: int
    at: datetime
    orders: int
    at_risk: Sums


@dataclass(frozen=True, slots=True, kw_only=True)
class Acknowledged:
    """A person has taken an alarm on: who, answering which call, and what it said then."""

    by: str
    at: datetime
    calling: int
    orders: int
    at_risk: Sums
    note: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Alarm:
    """`day` is the business day of the uses; a spike's is the day on which it began.

    `orders` and `at_risk` (currency, minor units) count all uses, `evidence` shows some of them
    in the order of time. `newest_on` is the business day of the newest use. `revision` rises
    with every change of what the alarm says. `code_raw` is the code as somebody wrote it.
    An acknowledgement stays with the alarm also when the alarm has called again since.
    """

    alarm_id: str
    rule: Rule
    code: str
    day: date
    state: State
    opened_at: datetime
    updated_at: datetime
    newest_on: date
    term: Term | None = None
    promotion: str = ""
    code_raw: str = ""
    orders: int = 0
    at_risk: Sums = ()
    evidence: tuple[Evidence, ...] = ()
    seen: str = ""
    expected: str = ""
    suggested: str = ""
    since: datetime | None = None
    cleared_at: datetime | None = None
    revision: int = 0
    told: Told | None = None
    calling: Calling | None = None
    acknowledged: Acknowledged | None = None

    def call_number(self) -> int:
        """How often it has called for a person; 0 for alarms from before they did."""
        return self.calling.number if self.calling else 0

    def is_acknowledged(self) -> bool:
        """Whether a person has answered its newest call."""
        seen = self.acknowledged
        return seen is not None and seen.calling == self.call_number()

    def waits(self) -> bool:
        """Whether it waits for a person."""
        return self.state == "open" and not self.is_acknowledged()


@dataclass(frozen=True, slots=True, kw_only=True)
class Cause:
    """What an alarm is about; it makes the alarm's id, so that one happening is one alarm."""

    rule: Rule
    code: str
    day: date
    term: Term | None = None
    promotion: str = ""

    def alarm_id(self) -> str:
        """Stable for rule, code and day."""
        rule = f"{self.rule}.{self.term}" if self.term else self.rule
        return f"{rule}:{self.code}:{self.day.isoformat()}"


def day_of(alarm_id: str) -> date:
    """The business day that the id names."""
    return date.fromisoformat(alarm_id.rpartition(":")[2])


def quiet(cause: Cause, at: datetime) -> Alarm:
    """An alarm that has no evidence yet."""
    return Alarm(
        alarm_id=cause.alarm_id(),
        rule=cause.rule,
        code=cause.code,
        day=cause.day,
        term=cause.term,
        promotion=cause.promotion,
        state="cleared",
        opened_at=at,
        updated_at=at,
        newest_on=cause.day,
    )


def gathered(
    alarm: Alarm,
    shown: Iterable[Evidence],
    gone: Iterable[Evidence],
    come: Iterable[Evidence],
    at: datetime,
) -> Alarm:
    """The alarm after some evidence came and some went; `shown` is the earliest that now stands.

    It opens with its first evidence and is cleared with its last.
    """
    come, gone = tuple(come), tuple(gone)
    evidence = tuple(sorted(shown, key=Evidence.position))[:SHOWN]
    orders = alarm.orders + len(come) - len(gone)
    first = evidence[0] if evidence else None
    changed = replace(
        alarm,
        orders=orders,
        at_risk=_added(_added((), alarm.at_risk), [*_sums(come, 1), *_sums(gone, -1)]),
        evidence=evidence,
        code_raw=first.code_raw if first else alarm.code_raw,
        seen=first.seen if first else alarm.seen,
        expected=first.expected if first else alarm.expected,
        since=first.redeemed_at if first else alarm.since,
    )
    return opened(changed, at) if orders else cleared(changed, at)


def opened(alarm: Alarm, at: datetime) -> Alarm:
    """Open now, whatever it was; opening again keeps when it began.

    It calls for a person when it opens after people heard that all was clear, or nothing yet, and
    again when it has become much worse.
    """
    began = alarm.opened_at if alarm.state == "open" else at
    changed = replace(
        alarm,
        state="open",
        opened_at=began,
        updated_at=at,
        cleared_at=None,
        revision=alarm.revision + 1,
    )
    return _called(changed, at) if _is_news(alarm) or _is_much_worse(changed) else changed


def acknowledged(alarm: Alarm, by: str, note: str, at: datetime) -> Alarm:
    """The alarm, taken on by a person; as it was where its newest call is answered already."""
    if alarm.is_acknowledged():
        return alarm
    seen = Acknowledged(
        by=by,
        at=at,
        calling=alarm.call_number(),
        orders=alarm.orders,
        at_risk=alarm.at_risk,
        note=note,
    )
    return replace(alarm, acknowledged=seen)


def cleared(alarm: Alarm, at: datetime) -> Alarm:
    """Over: nothing of it stands any more."""
    return replace(
        alarm, state="cleared", updated_at=at, cleared_at=at, revision=alarm.revision + 1
    )


def due(alarm: Alarm) -> Name | None:
    """The notice that should go out now, as what was told last differs from what is true."""
    told = alarm.told
    if alarm.state == "cleared":
        return "AlarmCleared" if told and told.state == "open" else None
    if told is None or told.state == "cleared":
        return "AlarmRaised"
    calls_again = alarm.call_number() > told.calling
    return "AlarmUpdated" if calls_again or _has_grown(alarm, told) else None


def told_now(alarm: Alarm, noticed: Alarm) -> Alarm:
    """The alarm, remembering that a notice of `noticed` (it, or an earlier revision) went out."""
    told = Told(
        revision=noticed.revision,
        state=noticed.state,
        orders=noticed.orders,
        on=noticed.newest_on,
        calling=noticed.call_number(),
    )
    return replace(alarm, told=told)


def notice(alarm: Alarm, name: Name, *, stack: str, at: datetime) -> Happening:
    """The happening to publish; its id is the revision's, so that a repeat is known as one."""
    return Happening(
        happening=name,
        id=f"{alarm.alarm_id}:{alarm.revision}",
        at=at,
        stack=stack,
        subject=codec.plain(replace(alarm, told=None)),
    )


def _has_grown(alarm: Alarm, told: Told) -> bool:
    """A spike is told once a day, a breach each time it has doubled."""
    if alarm.rule == "spike":
        return alarm.newest_on > told.on
    return alarm.orders >= _GROWN * max(told.orders, 1)


def _is_news(alarm: Alarm) -> bool:
    """What came and went before anybody was told is none."""
    nobody_knows = alarm.told is None or alarm.told.state == "cleared"
    return alarm.state == "cleared" and nobody_knows


def _called(alarm: Alarm, at: datetime) -> Alarm:
    number = alarm.call_number() + 1
    calling = Calling(number=number, at=at, orders=alarm.orders, at_risk=alarm.at_risk)
    return replace(alarm, calling=calling)


def _is_much_worse(alarm: Alarm) -> bool:
    """Money decides; uses do where there is none."""
    if alarm.acknowledged and alarm.is_acknowledged():
        return _has_become(alarm, alarm.acknowledged, _WORSE_SINCE_SEEN)
    return alarm.calling is not None and _has_become(alarm, alarm.calling, _WORSE_UNSEEN)


def _has_become(alarm: Alarm, before: Calling | Acknowledged, times: int) -> bool:
    if not alarm.at_risk and not before.at_risk:
        return alarm.orders >= times * max(before.orders, 1)
    known = dict(before.at_risk)
    return any(minor >= times * known.get(each, 0) for each, minor in alarm.at_risk)


def _sums(evidence: Iterable[Evidence], sign: int) -> list[tuple[str, int]]:
    return [(each.currency, sign * each.at_risk_minor) for each in evidence]


def _added(held: Sums, more: Iterable[tuple[str, int]]) -> Sums:
    """Sums by currency; what has come to nothing is left out."""
    sums = dict(held)
    for currency, minor in more:
        sums[currency] = sums.get(currency, 0) + minor
    return tuple(sorted((currency, minor) for currency, minor in sums.items() if minor))


def added(held: Sums, currency: str, minor: int) -> Sums:
    """Money at risk with more of one currency; currencies never mix."""
    return _added(held, [(currency, minor)])
