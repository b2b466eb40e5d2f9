"""A standing: what the claims policy makes of one identity key, device or card, and why.

Everything here is pure: signs and a policy give measures, and each measure names the rule, the
claims that it rests on, and until when it holds. A sign counts once, whatever is repeated.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from hashlib import sha256
from typing import Literal

from vouchsafe.pure.cart import Cart
from vouchsafe.pure.errors import Absent, Conflict, Forbidden
from vouchsafe.pure.facts import joined
from vouchsafe.pure.policy import STEPS, By, Policy, Rule, Signal, Step

Verdict = Literal["upheld", "lifted"]

# Beyond that the oldest are forgotten: nobody reads twenty reasons.
_MOST_MEASURES = 20
_MOST_APPEALS = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class Sign:
    """Something that a policy may count, on a code of an order, in the order's business day."""

    signal: Signal
    order: str
    code: str
    day: date

    def claim_id(self) -> str:
        """`platform#account#order id#CODE`; a canonical code holds no `#`."""
        return f"{self.order}#{self.code}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Measure:
    """A step that was taken. `rule` is the rule as it was enforced, None for what a person imposed;
    `by` that person, empty for the policy. `codes` are those that `block_code` holds back,
    `evidence` the claims that it rests on. `lifted_by` ended it before its time."""

    step: Step
    at: datetime
    until: datetime
    rule: Rule | None = None
    codes: tuple[str, ...] = ()
    evidence: tuple[str, ...] = ()
    policy_version: int = 0
    by: str = ""
    why: str = ""
    lifted_by: str = ""

    def holds(self, now: datetime) -> bool:
        """Whether it is in force."""
        return not self.lifted_by and self.at <= now < self.until

    def holds_back(self, code: str) -> bool:
        """Whether that code may not be used under it."""
        return self.step == "exclude" or (self.step == "block_code" and code in self.codes)


@dataclass(frozen=True, slots=True, kw_only=True)
class Appeal:
    """What a customer says against it, as staff wrote it down, and what came of it."""

    appeal_id: str
    text: str
    by: str
    at: datetime
    verdict: Verdict | None = None
    decided_by: str = ""
    decided_at: datetime | None = None
    why: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """All of one key. `standing_id` names it where the key must not be: in what is never forgotten.

    `signs` wait to be too many; those of a measure lie in its evidence. `version` rises with every
    change.
    """

    key: str
    standing_id: str = ""
    signs: tuple[Sign, ...] = ()
    measures: tuple[Measure, ...] = ()
    appeals: tuple[Appeal, ...] = ()
    version: int = 0

    def in_force(self, now: datetime) -> tuple[Measure, ...]:
        """The measures that hold, the harshest first."""
        held = [each for each in self.measures if each.holds(now)]
        return tuple(sorted(held, key=lambda each: (-_rank(each.step), -each.until.timestamp())))


def by_of(key: str) -> By:
    """What a key is of: `device:`, `card:`, or any way to know a customer."""
    kind = key.partition(":")[0]
    return "device" if kind == "device" else "card" if kind == "card" else "customer"


def keys_of(cart: Cart) -> tuple[str, ...]:
    """Whose standings a cart meets: a handful at most. A device is its shop's own."""
    found = [*cart.customer, *((cart.card,) if cart.card else ())]
    if cart.device:
        named = joined((cart.platform, cart.account, cart.device))
        found.append(f"device:{sha256(named.encode()).hexdigest()[:33]}")
    return tuple(dict.fromkeys(found))


def judged(standing: Standing, signs: Iterable[Sign], policy: Policy, now: datetime) -> Standing:
    """The standing after these signs, and the very same where they bring nothing new."""
    for sign in signs:
        standing = _after(standing, sign, policy, now)
    return standing


def holding_back(standings: Iterable[Standing], code: str, now: datetime) -> Measure | None:
    """The harshest measure in force that holds the code back; None where none does."""
    found = [
        measure
        for standing in standings
        for measure in standing.in_force(now)
        if measure.holds_back(code)
    ]
    return max(found, key=lambda each: (_rank(each.step), each.until), default=None)


def imposed(standing: Standing, measure: Measure, now: datetime) -> Standing:
    """With what a person imposes; the same once more is the one that stands."""
    said = (measure.step, measure.codes, measure.by, measure.why)
    for each in standing.in_force(now):
        if (each.step, each.codes, each.by, each.why) == said:
            return standing
    return _with(standing, measure)


def lifted(standing: Standing, who: str, now: datetime) -> Standing:
    """Without any measure in force; what is lifted is not remembered against anybody."""
    held = set(standing.in_force(now))
    if not held:
        return standing
    measures = tuple(
        replace(each, lifted_by=who) if each in held else each for each in standing.measures
    )
    return replace(standing, measures=measures)


def appealed(standing: Standing, appeal: Appeal, now: datetime) -> Standing:
    """With an appeal, once; the same text while it is open is the same appeal. Raises Conflict
    where nothing holds, or another appeal waits."""
    if any(each.appeal_id == appeal.appeal_id for each in standing.appeals):
        return standing
    open_one = next((each for each in standing.appeals if each.verdict is None), None)
    if open_one and open_one.text == appeal.text:
        return standing
    if open_one:
        raise Conflict(f"appeal {open_one.appeal_id} waits to be decided")
    if not standing.in_force(now):
        raise Conflict("nothing is in force that could be appealed against")
    appeals = (*standing.appeals, appeal)[-_MOST_APPEALS:]
    return replace(standing, appeals=appeals)


def decided(
    standing: Standing, appeal_id: str, verdict: Verdict, who: str, why: str, now: datetime
) -> Standing:
    """With the appeal decided, and lifted where that is the verdict. Decided the same by the same
    person it is as it was. Raises Absent, Conflict, and Forbidden for who imposed it."""
    appeal = next((each for each in standing.appeals if each.appeal_id == appeal_id), None)
    if appeal is None:
        raise Absent(f"appeal {appeal_id}")
    if appeal.verdict is not None:
        if (appeal.verdict, appeal.decided_by) == (verdict, who):
            return standing
        raise Conflict(f"the appeal is {appeal.verdict} by now")
    if any(each.by == who for each in standing.in_force(now)):
        raise Forbidden("who imposed a measure does not decide on it")
    done = replace(appeal, verdict=verdict, decided_by=who, decided_at=now, why=why)
    appeals = tuple(done if each is appeal else each for each in standing.appeals)
    after = replace(standing, appeals=appeals)
    return lifted(after, who, now) if verdict == "lifted" else after


def kept_until(standing: Standing, policy: Policy, now: datetime) -> datetime:
    """When nothing of it matters any more."""
    window = timedelta(days=max((rule.days for rule in policy.rules), default=1) + 1)
    ends = [max(each.until, each.at + policy.memory()) for each in standing.measures]
    return max([now + window, *ends])


def explained(measure: Measure) -> str:
    """Why, in one sentence that names the rule and its numbers."""
    if measure.rule is None:
        return measure.why
    rule, found = measure.rule, len(measure.evidence)
    what = rule.signal.replace("_", " ")
    days = "1 day" if rule.days == 1 else f"{rule.days} days"
    return f"{found} {what} by one {rule.by} within {days}; more than {rule.most} are a breach."


def _after(standing: Standing, sign: Sign, policy: Policy, now: datetime) -> Standing:
    rules = policy.rules_for(by_of(standing.key), sign.signal)
    today = now.date()
    if not any(_within(sign, rule, today) for rule in rules) or _is_known(standing, sign):
        return standing
    longest = max(rules, key=lambda each: each.days)
    others = [each for each in standing.signs if each.signal != sign.signal]
    alike = [each for each in standing.signs if each.signal == sign.signal]
    counted = [*(each for each in alike if _within(each, longest, today)), sign]
    for rule in rules:
        evidence = [each for each in counted if _within(each, rule, today)]
        if len(evidence) > rule.most:
            measure = _breach(standing, rule, evidence, policy, now)
            left = (*others, *(each for each in counted if each not in evidence))
            return _with(replace(standing, signs=left), measure)
    return replace(standing, signs=(*others, *counted))


def _breach(
    standing: Standing, rule: Rule, evidence: list[Sign], policy: Policy, now: datetime
) -> Measure:
    """One step beyond the furthest that is remembered, and no further than the rule goes."""
    remembered = [
        _rank(each.step)
        for each in standing.measures
        if not each.lifted_by and each.at > now - policy.memory()
    ]
    rank = min(max(remembered, default=-1) + 1, _rank(rule.up_to))
    step = STEPS[rank]
    return Measure(
        step=step,
        at=now,
        until=now + timedelta(days=policy.days_of(step)),
        rule=rule,
        codes=tuple(sorted({each.code for each in evidence})) if step == "block_code" else (),
        evidence=tuple(each.claim_id() for each in evidence),
        policy_version=policy.version,
    )


def _with(standing: Standing, measure: Measure) -> Standing:
    return replace(standing, measures=(*standing.measures, measure)[-_MOST_MEASURES:])


def _is_known(standing: Standing, sign: Sign) -> bool:
    """Whether it waits already, or has led to a measure."""
    name = sign.claim_id()
    waits = any(each.signal == sign.signal and each.claim_id() == name for each in standing.signs)
    return waits or any(
        name in measure.evidence
        for measure in standing.measures
        if measure.rule and measure.rule.signal == sign.signal
    )


def _within(sign: Sign, rule: Rule, today: date) -> bool:
    return sign.day > today - timedelta(days=rule.days)


def _rank(step: Step) -> int:
    return STEPS.index(step)
