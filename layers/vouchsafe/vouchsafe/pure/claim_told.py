"""What the ledger says of a use, and what that makes of the claim: counted all the same."""

from dataclasses import dataclass, replace
from datetime import date, datetime

from vouchsafe.pure.claim import BY_POLICY, FAR, Claim, stepped, with_told
from vouchsafe.pure.limit import Limit
from vouchsafe.pure.redemption import State
from vouchsafe.pure.register import OnRollback


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """What the ledger says of a code on an order. `mark` tells one saying from the next.

    `revenue_minor` is what the order brought in for it, 0 where that is not confirmed.
    `live`: it holds a use there; `counts`: it does, or did and is kept by policy.
    """

    promotion_id: str
    state: State
    live: bool
    counts: bool
    day: date
    currency: str
    limits: tuple[Limit, ...]
    on_rollback: OnRollback
    discount_minor: int
    returned_minor: int
    mark: str
    revenue_minor: int = 0
    because: str = ""


def told(
    held: Claim | None, key: tuple[str, str], said: Told | None, now: datetime
) -> Claim | None:
    """The claim as the ledger's word leaves it; None where there is none and need not be.

    `key` is the order and the code. Depends on what stands and what is said alone, so that any
    order and any repetition ends in the same. What the ledger counts is counted: an asked claim
    is the same use, and comes as far as the further of the two says.
    """
    if said is None:
        return _vanished(held, now)
    if held is not None and held.told == said.mark:
        return held
    if held is None:
        return _of_ledger(key, said, now) if said.counts and said.limits else None
    if held.by == "ledger":
        return _mirrored(held, said, now)
    return _heard(held, said, now)


def _of_ledger(key: tuple[str, str], said: Told, now: datetime) -> Claim:
    """A use that nobody asked for: counted all the same, over the limit if need be."""
    order, code = key
    return Claim(
        order=order,
        code=code,
        promotion_id=said.promotion_id,
        state=said.state,
        day=said.day,
        currency=said.currency,
        limits=said.limits,
        by="ledger",
        on_rollback=said.on_rollback,
        discount_minor=said.discount_minor,
        returned_minor=said.returned_minor,
        revenue_minor=said.revenue_minor,
        version=1,
        told=said.mark,
        because=said.because,
        taken_at=now,
        changed_at=now,
    )


def _mirrored(held: Claim, said: Told, now: datetime) -> Claim:
    """A use that only the ledger knows is what the ledger says."""
    new = _of_ledger((held.order, held.code), said, now)
    limits = said.limits if said.counts else ()
    return replace(
        new,
        limits=limits,
        offer=held.offer,
        asked=held.asked,
        generation=held.generation,
        version=held.version + 1,
        taken_at=held.taken_at,
    )


def _vanished(held: Claim | None, now: datetime) -> Claim | None:
    """The code is no longer on the order: it was never used, if nobody asked for it."""
    if held is None or held.by == "asked" or not held.limits:
        return held
    because = "no longer on the order"
    return stepped(held, now, state="rolled_back", limits=(), because=because, told="")


def _heard(held: Claim, said: Told, now: datetime) -> Claim:
    """What the shop asked for and the ledger tells of."""
    gave_back = not held.counts()
    if gave_back and (said.live or (said.counts and held.state not in BY_POLICY)):
        return _taken_anew(held, said, now)
    if said.live:
        return stepped(
            held,
            now,
            state=max(held.state, said.state, key=FAR.index) if held.holds_a_use() else said.state,
            limits=with_told(held, said.promotion_id, said.limits),
            discount_minor=said.discount_minor,
            returned_minor=max(held.returned_minor, said.returned_minor),
            revenue_minor=said.revenue_minor,
            told=said.mark,
        )
    # A hold that is not yet redeemed ends by itself; the rollback is of a use before it.
    if said.state in BY_POLICY and held.holds_a_use() and held.state != "reserved":
        return stepped(held, now, state=said.state, because=said.because, told=said.mark)
    return stepped(held, now, told=said.mark)


def _taken_anew(held: Claim, said: Told, now: datetime) -> Claim:
    """The till honoured what was given back here: a use that nobody asked for."""
    return replace(
        _of_ledger((held.order, held.code), said, now),
        offer=held.offer,
        asked=held.asked,
        generation=held.generation + 1,
        version=held.version + 1,
    )
