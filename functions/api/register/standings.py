"""Standings by hand: looked up, imposed, lifted, appealed against; and the policy that makes them.

Each deed lies in the audit log under the standing's own id: the key of a person who is forgotten
must not stand where nothing is ever forgotten.
"""

import json
import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from functools import partial

from vouchsafe.edge import audit_table, secrets, standings_table
from vouchsafe.pure import policy
from vouchsafe.pure.asking import Call, Reply
from vouchsafe.pure.audit import Deed
from vouchsafe.pure.codes import canonical
from vouchsafe.pure.errors import Absent, Invalid
from vouchsafe.pure.fraud import Fraud, score
from vouchsafe.pure.identity import ranked
from vouchsafe.pure.policy import Policy, Rule
from vouchsafe.pure.standing import (
    Appeal,
    Measure,
    Standing,
    appealed,
    decided,
    explained,
    imposed,
    lifted,
)

from . import parameters
from .policy_words import (
    AppealAsked,
    AppealTold,
    DecideAsked,
    FraudPartTold,
    FraudTold,
    ImposeAsked,
    LiftAsked,
    LookAsked,
    MeasureTold,
    PolicySaid,
    RuleSaid,
    StandingsTold,
    StandingTold,
)
from .settings import deed_of, must_have_seen

_KINDS = ("email", "phone", "loyalty", "customer", "card", "device")
# What would say who it is. A name cannot be told from other words.
_A_PERSON = re.compile(r"\S+@\S+\.\S+|\+\d[\d ()-]{6,}\d")


def read_policy(_call: Call) -> Reply:
    """The policy in force, with the version that If-Match wants."""
    return _policy_told(standings_table.read([], newest=True).policy)


def set_policy(call: Call) -> Reply:
    """Set over the version that was seen. What it led to before stays as it is."""
    asked = call.asked(PolicySaid)
    before = standings_table.read([], newest=True).policy
    must_have_seen(call, before.version)
    after = Policy(
        rules=tuple(Rule(**each.model_dump()) for each in asked.rules),
        flag_days=asked.flag_days,
        block_code_days=asked.block_code_days,
        exclude_days=asked.exclude_days,
        memory_days=asked.memory_days,
        version=before.version + 1,
    )
    policy.check(after)
    deed = deed_of(call, "claims-policy", before, after)
    audit_table.append(deed, partial(standings_table.put_policy, after))
    return _policy_told(after)


def every(call: Call) -> Reply:
    """Those that something was ever taken against, by key."""
    most = parameters.page_size(call.query)
    found = standings_table.page(parameters.after(call), most + 1)
    rules = standings_table.read([]).policy
    told = StandingsTold(
        standings=[_told(each, rules, call) for each in found[:most]],
        after=found[most - 1].key if len(found) > most else None,
    )
    return Reply(body=told)


def one(call: Call) -> Reply:
    """One key's standing."""
    rules, standing = _seen(call)
    return _answer(standing, rules, call)


def look(call: Call) -> Reply:
    """The standings of a person, who is hashed here and nowhere named."""
    asked, identify = call.asked(LookAsked), secrets.identify()
    keys = ranked(
        (
            identify("email", asked.email),
            identify("phone", asked.phone),
            identify("loyalty", asked.loyalty_id),
            identify("card", asked.card_fingerprint),
        )
    )
    if not keys:
        raise Invalid("email", "or phone, loyalty_id, card_fingerprint must say who it is")
    return Reply(body=StandingsTold(standings=told_of(keys, call)))


def told_of(keys: Sequence[str], call: Call) -> list[StandingTold]:
    """What is held against each of the keys."""
    found = standings_table.read(keys, newest=True)
    return [_told(each, found.policy, call) for each in found.standings]


def must_name_nobody(field: str, text: str) -> None:
    """Raises Invalid for words that would say who it is where nothing is ever forgotten."""
    if _A_PERSON.search(text):
        raise Invalid(field, "must not hold an e-mail address or a telephone number")


def impose(call: Call) -> Reply:
    """A step by hand, over whatever the policy says."""
    asked = call.asked(ImposeAsked)
    codes = tuple(sorted({canonical(raw) for raw in asked.codes}))
    if (asked.step == "block_code") != bool(codes):
        raise Invalid("codes", "must be said for block_code, and for nothing else")
    measure = Measure(
        step=asked.step,
        at=call.now,
        until=call.now + timedelta(days=asked.days),
        codes=codes,
        by=call.caller.id,
        why=asked.why,
    )
    rules, before = _seen(call)
    return _done(call, "standing_imposed", rules, before, imposed(before, measure, call.now), asked)


def lift(call: Call) -> Reply:
    """Nothing is held against them any more; lifted again it is as it was."""
    rules, before = _seen(call)
    after = lifted(before, call.caller.id, call.now)
    return _done(call, "standing_lifted", rules, before, after, call.asked(LiftAsked))


def appeal(call: Call) -> Reply:
    """What a customer says against it; it waits for an approver."""
    asked = call.asked(AppealAsked)
    must_name_nobody("text", asked.text)
    rules, before = _seen(call)
    said = Appeal(appeal_id=call.work_id, text=asked.text, by=call.caller.id, at=call.now)
    return _done(call, "appeal_recorded", rules, before, appealed(before, said, call.now))


def decide(call: Call) -> Reply:
    """Upheld or lifted, by an approver who did not impose it."""
    asked = call.asked(DecideAsked)
    rules, before = _seen(call)
    after = decided(
        before, call.path["appeal_id"], asked.verdict, call.caller.id, asked.why, call.now
    )
    return _done(call, f"appeal_{asked.verdict}", rules, before, after, asked)


def _seen(call: Call) -> tuple[Policy, Standing]:
    """The policy, and the standing that the path names. Raises Absent for what is no key."""
    key = parameters.name_asked(call, "key")
    kind, colon, rest = key.partition(":")
    if kind not in _KINDS or not colon or not re.fullmatch(r"[0-9a-f]{33}", rest):
        raise Absent("such key: look it up by who it is")
    found = standings_table.read([key], newest=True)
    return found.policy, found.standings[0]


def _done(
    call: Call,
    what: str,
    rules: Policy,
    before: Standing,
    after: Standing,
    asked: ImposeAsked | LiftAsked | DecideAsked | None = None,
) -> Reply:
    """Kept with its deed, where anything changed. What an appeal says is told to nobody else."""
    if after is before:
        return _answer(before, rules, call)
    deed = Deed(
        who=call.caller.id,
        at=call.now,
        what=what,
        subjects=(f"standing:{after.standing_id}",),
        why=asked.why if asked else "",
        before=_steps(before, call),
        after=_steps(after, call),
    )
    audit_table.append(deed, partial(standings_table.put, after, rules, call.now))
    return _answer(replace(after, version=before.version + 1), rules, call)


def _steps(standing: Standing, call: Call) -> str:
    held = [
        {"step": each.step, "until": f"{each.until:%Y-%m-%d}"}
        for each in standing.in_force(call.now)
    ]
    appeals = {each.appeal_id: each.verdict or "waits" for each in standing.appeals}
    return json.dumps({"in_force": held, "appeals": appeals}, sort_keys=True)


def _answer(standing: Standing, rules: Policy, call: Call) -> Reply:
    return Reply(body=_told(standing, rules, call), version=standing.version)


def _told(standing: Standing, rules: Policy, call: Call) -> StandingTold:
    return StandingTold(
        key=standing.key,
        standing_id=standing.standing_id if standing.version else None,
        version=standing.version,
        measures=[_measure(each, call) for each in reversed(standing.measures)],
        waiting=dict(Counter(each.signal for each in standing.signs)),
        fraud=_fraud(score([standing], rules, call.now)),
        appeals=[_appeal(each) for each in reversed(standing.appeals)],
    )


def _fraud(found: Fraud) -> FraudTold:
    parts = [
        FraudPartTold(signal=each.signal, points=each.points, weight=each.weight, says=each.says)
        for each in found.parts
    ]
    return FraudTold(score=found.score, parts=parts)


def _measure(measure: Measure, call: Call) -> MeasureTold:
    return MeasureTold(
        step=measure.step,
        at=measure.at,
        until=measure.until,
        why=explained(measure),
        in_force=measure.holds(call.now),
        codes=measure.codes,
        evidence=measure.evidence,
        rule=_rule(measure.rule) if measure.rule else None,
        policy_version=measure.policy_version,
        by=measure.by or None,
        lifted_by=measure.lifted_by or None,
    )


def _appeal(said: Appeal) -> AppealTold:
    return AppealTold(
        appeal_id=said.appeal_id,
        text=said.text,
        by=said.by,
        at=said.at,
        verdict=said.verdict,
        decided_by=said.decided_by or None,
        decided_at=said.decided_at,
        why=said.why or None,
    )


def _policy_told(said: Policy) -> Reply:
    told = PolicySaid(
        rules=tuple(map(_rule, said.rules)),
        flag_days=said.flag_days,
        block_code_days=said.block_code_days,
        exclude_days=said.exclude_days,
        memory_days=said.memory_days,
    )
    return Reply(body=told, version=said.version)


def _rule(rule: Rule) -> RuleSaid:
    return RuleSaid(
        signal=rule.signal, by=rule.by, most=rule.most, days=rule.days, up_to=rule.up_to
    )
