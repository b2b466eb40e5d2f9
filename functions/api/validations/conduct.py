"""What the claims policy holds back from a customer, and what each call adds to their standing.

A sale is never broken off for it (lessons.md 23): where standings cannot be read or kept, the call
goes on as if there were none, and that is counted. What a till did is judged from the ledger's
word, which comes again until it is.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime

from vouchsafe.edge import journal, standings_table, uses_table
from vouchsafe.pure.claim import Claim
from vouchsafe.pure.codes import canonical
from vouchsafe.pure.errors import Refused, Unavailable, Unreadable
from vouchsafe.pure.fraud import score
from vouchsafe.pure.offer import Refusal, public
from vouchsafe.pure.policy import Policy, Signal
from vouchsafe.pure.redemption import Redemption
from vouchsafe.pure.standing import (
    Measure,
    Sign,
    Standing,
    holding_back,
    judged,
    keys_of,
)

from .taking import Outcome, Question

_TRIES = 4
_OUT_OF_ORDER = (Unavailable, Refused, Unreadable)


@dataclass(frozen=True, slots=True)
class _Seen:
    """The policy, and the standings that the cart meets."""

    policy: Policy
    standings: tuple[Standing, ...]


_NOBODY = _Seen(Policy(), ())


def considered(question: Question, work: Callable[[Question], Outcome], *, takes: bool) -> Outcome:
    """What the work gives for the codes that nothing holds back, the refusals of the others, and
    what speaks against the customer by then."""
    seen = _of(keys_of(question.cart))
    back = _held_back(seen, question)
    held = {each.code for each in back}
    left = tuple(raw for raw in question.raws if canonical(raw) not in held)
    found = work(replace(question, raws=left))
    signs = [*_guesses(found, question), *(_takes(found, question) if takes else ())]
    standings = _told(seen, signs, question.now)
    return replace(
        found,
        refusals=tuple(sorted((*found.refusals, *back), key=lambda each: each.code)),
        measures=_in_force(standings, question.now),
        fraud=score(standings, seen.policy, question.now),
    )


def rolled_back(customer: Sequence[str], claims: Iterable[Claim], now: datetime) -> None:
    """What was called off after it had been used."""
    ended = [each for each in claims if each.state == "rolled_back"]
    signs = [_sign_of(each, "rollbacks", now.date()) for each in ended]
    _told(_of(customer) if signs else _NOBODY, signs, now)


def heard(redemption: Redemption, now: datetime) -> None:
    """What the ledger tells of a use. Raises Unavailable: it is to be told again."""
    order, code = redemption.key.text(), redemption.code
    if redemption.holds_a_use():
        sign = Sign(signal="claims", order=order, code=code, day=redemption.business_day)
    elif redemption.state == "rolled_back":
        day = redemption.updated_at.date()
        sign = Sign(signal="rollbacks", order=order, code=code, day=day)
    else:
        return
    for key in redemption.customer:
        _kept(key, None, [sign], now)


def _of(keys: Sequence[str]) -> _Seen:
    if not keys:
        return _NOBODY
    try:
        found = standings_table.read(keys)
    except _OUT_OF_ORDER as reason:
        _missed("standings_unread", reason)
        return _NOBODY
    return _Seen(found.policy, found.standings)


def _held_back(seen: _Seen, question: Question) -> list[Refusal]:
    """The codes that a measure holds back, but for those that the order holds already: what was
    promised is kept."""
    codes = dict.fromkeys(canonical(raw) for raw in question.raws)
    found = {code: holding_back(seen.standings, code, question.now) for code in codes}
    if not any(found.values()):
        return []
    held = {each.code for each in uses_table.of_order(question.order()) if _stands(each, question)}
    return [
        _refusal(code, measure)
        for code, measure in found.items()
        if measure is not None and code not in held
    ]


def _stands(claim: Claim, question: Question) -> bool:
    return claim.holds_a_use() and not claim.is_over(question.now)


def _refusal(code: str, measure: Measure) -> Refusal:
    """The same for codes that there are and are not, so that nobody learns which."""
    what = "All codes are" if measure.step == "exclude" else "This code is"
    detail = f"{what} held back from this customer until {measure.until:%Y-%m-%d}."
    return Refusal(code=code, reason="terms_not_met", term="claims_policy", detail=detail)


def _guesses(found: Outcome, question: Question) -> list[Sign]:
    missed = [each for each in found.refusals if public(each) == "code_not_found"]
    return [
        Sign(signal="guesses", order=question.order(), code=each.code, day=question.day())
        for each in missed
    ]


def _takes(found: Outcome, question: Question) -> list[Sign]:
    claims = [_sign_of(each, "claims", question.day()) for each in found.claims]
    full = [each for each in found.refusals if each.reason == "customer_limit_reached"]
    return claims + [
        Sign(signal="limit_refusals", order=question.order(), code=each.code, day=question.day())
        for each in full
    ]


def _sign_of(claim: Claim, signal: Signal, day: date) -> Sign:
    return Sign(signal=signal, order=claim.order, code=claim.code, day=day)


def _told(seen: _Seen, signs: Sequence[Sign], now: datetime) -> tuple[Standing, ...]:
    """The standings after these signs; as they were where they cannot be kept."""
    after = []
    for standing in seen.standings:
        try:
            after.append(_kept(standing.key, (seen.policy, standing), signs, now))
        except _OUT_OF_ORDER as reason:
            _missed("standings_unkept", reason)
            after.append(standing)
    return tuple(after)


def _kept(
    key: str, known: tuple[Policy, Standing] | None, signs: Sequence[Sign], now: datetime
) -> Standing:
    """The standing with these signs, judged anew where somebody was faster."""
    for _ in range(_TRIES):
        policy, before = known or _newest(key)
        after = judged(before, signs, policy, now)
        if after is before or standings_table.keep(after, policy, now):
            return after
        known = None
    raise Unavailable("standings: too many at once")


def _newest(key: str) -> tuple[Policy, Standing]:
    found = standings_table.read([key], newest=True)
    return found.policy, found.standings[0]


def _in_force(standings: Iterable[Standing], now: datetime) -> tuple[Measure, ...]:
    return tuple(measure for standing in standings for measure in standing.in_force(now))


def _missed(metric: str, reason: Exception) -> None:
    with journal.line("standings", room="validations") as line:
        line.count(metric)
        line.note(reason=str(reason))
