"""What the control room is asked and answers of the claims policy and of standings."""

from typing import Annotated, Literal

from pydantic import Field, StrictInt, StrictStr

from vouchsafe.pure.asking import Said
from vouchsafe.pure.policy import MOST_DAYS, MOST_SIGNS, By, Signal, Step
from vouchsafe.pure.standing import Verdict

from .words import At, Why

Days = Annotated[StrictInt, Field(ge=1, le=MOST_DAYS)]
Typed = Annotated[StrictStr, Field(min_length=1, max_length=320)]
Code = Annotated[StrictStr, Field(min_length=1, max_length=200)]


class RuleSaid(Said):
    """More than `most` signs of one customer, device or card within `days` days are a breach. It
    leads one step beyond the last, and no further than `up_to`."""

    signal: Signal
    by: By
    most: Annotated[StrictInt, Field(ge=1, le=MOST_SIGNS)]
    days: Days
    up_to: Step


class PolicySaid(Said):
    """The claims policy: its rules, how long each step lasts, how long a breach is remembered."""

    rules: tuple[RuleSaid, ...]
    flag_days: Days
    block_code_days: Days
    exclude_days: Days
    memory_days: Annotated[StrictInt, Field(ge=1, le=10 * MOST_DAYS)]


class MeasureTold(Said):
    """A step that was taken, and why. `evidence` names claims as `platform#account#order#CODE`,
    `by` the person who imposed it, absent for the policy."""

    step: Step
    at: At
    until: At
    why: str
    in_force: bool
    codes: tuple[str, ...]
    evidence: tuple[str, ...]
    rule: RuleSaid | None
    policy_version: int
    by: str | None
    lifted_by: str | None


class AppealTold(Said):
    """An appeal, and what came of it."""

    appeal_id: str
    text: str
    by: str
    at: At
    verdict: Verdict | None
    decided_by: str | None
    decided_at: At | None
    why: str | None


class FraudPartTold(Said):
    """A signal: its points of at most its weight, and why."""

    signal: Signal | Step
    points: int
    weight: int
    says: str


class FraudTold(Said):
    """What speaks for fraud, 0 to 100, and all that it is the sum of."""

    score: int
    parts: list[FraudPartTold]


class StandingTold(Said):
    """All that is held against one key, the newest measure first, and how many signs of which
    signal wait. `standing_id` names it in the audit log, once there is anything."""

    key: str
    standing_id: str | None
    version: int
    measures: list[MeasureTold]
    waiting: dict[Signal, int]
    fraud: FraudTold
    appeals: list[AppealTold]


class StandingsTold(Said):
    """A page, by key."""

    standings: list[StandingTold]
    after: str | None = None


class LookAsked(Said):
    """A person, as they say who they are; nothing of it is kept."""

    email: Typed | None = None
    phone: Typed | None = None
    loyalty_id: Typed | None = None
    card_fingerprint: Typed | None = None


class ImposeAsked(Said):
    """A step by hand. `codes` for `block_code`, and for it alone."""

    step: Step
    days: Days
    why: Why
    codes: Annotated[tuple[Code, ...], Field(max_length=MOST_SIGNS)] = ()


class LiftAsked(Said):
    """Why nothing is held against them any more."""

    why: Why


class AppealAsked(Said):
    """What the customer says, in words of the staff, who leave out whom it is about."""

    text: Annotated[StrictStr, Field(min_length=1, max_length=2000)]


class DecideAsked(Said):
    """Whether it stays or is lifted, and why."""

    verdict: Literal["upheld", "lifted"]
    why: Why


class PolicyTextTold(Said):
    """The policy, or a promotion's terms, in plain words, a sentence a rule."""

    lang: Literal["en", "es"]
    audience: Literal["customers", "staff"]
    title: str
    sentences: list[str]
    policy_version: int | None = None
    register_revision: int | None = None
