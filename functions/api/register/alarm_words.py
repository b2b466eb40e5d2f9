"""What the control room tells of alarms; money in minor units of its currency."""

from datetime import date

from vouchsafe.pure.alarm import Rule, State, Term
from vouchsafe.pure.asking import Said

from .words import At, Note


class RiskTold(Said):
    """Money at risk in one currency."""

    currency: str
    minor: int


class UseTold(Said):
    """One use that an alarm rests on: `make trace ORDER=...` opens it."""

    order: str
    place: str
    redeemed_at: At
    at_risk: RiskTold
    seen: str
    expected: str


class AcknowledgeAsked(Said):
    """What others should know, if anything."""

    note: Note = ""


class AcknowledgementTold(Said):
    """Who has taken the alarm on, and what it said then. It `stands` until the alarm calls again,
    being much worse."""

    by: str
    at: At
    note: str
    orders: int
    at_risk: list[RiskTold]
    stands: bool


class AlarmTold(Said):
    """`calls` is how often it has called for a person, and `waits` whether it waits for one now.
    `orders` and `at_risk` are of all uses, `evidence` shows the newest of them. `code` is as
    somebody wrote it; the id holds the form that is compared."""

    alarm_id: str
    rule: Rule
    term: Term | None
    code: str
    promotion_id: str
    day: date
    state: State
    opened_at: At
    updated_at: At
    cleared_at: At | None
    orders: int
    at_risk: list[RiskTold]
    seen: str
    expected: str
    suggested: str
    evidence: list[UseTold]
    revision: int
    calls: int
    waits: bool
    acknowledged: AcknowledgementTold | None = None


class AlarmAcknowledged(AlarmTold):
    """The alarm, and what becomes of it now."""

    says: str


class AlarmsTold(Said):
    """A page of a business day's alarms by id; `after` asks for the next one."""

    day: date
    alarms: list[AlarmTold]
    after: str | None
