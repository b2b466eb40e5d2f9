"""A claim: one use of a code on one order, from the hold to the end, and what it counts.

A use is named by its order and code, so that whoever asks again is the same use. What a claim
counts follows from the claim alone: counters are the sum of all claims, whatever way they went.
"""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from hashlib import sha256
from typing import Literal

from vouchsafe.pure import codec
from vouchsafe.pure.cart import Cart
from vouchsafe.pure.errors import Conflict
from vouchsafe.pure.facts import OrderKey
from vouchsafe.pure.instant import EPOCH
from vouchsafe.pure.limit import Limit, limits_of, with_more
from vouchsafe.pure.offer import Offer
from vouchsafe.pure.redemption import COUNTS, HOLDS_A_USE, TRANSITIONS, State
from vouchsafe.pure.register import Code, OnRollback, Promotion

By = Literal["asked", "ledger"]

# Only these are decided by policy; a hold that ended always gives its use back.
BY_POLICY: frozenset[State] = frozenset({"lapsed", "rolled_back"})
# How far a use has come: what the shop and the ledger say is brought together by the further one.
FAR: tuple[State, ...] = (
    "reserved",
    "redeemed",
    "confirmed",
    "partially_returned",
    "lapsed",
    "rolled_back",
)
_OF_PEOPLE = frozenset({"customer", "card", "device"})


class Full(Conflict):
    """A limit has no room for the use; `limit` is the first that has none."""

    def __init__(self, limit: Limit) -> None:
        super().__init__(f"{limit.reason}: {limit.counter} has no room")
        self.limit = limit


@dataclass(frozen=True, slots=True, kw_only=True)
class Claim:
    """One use. `limits` are what it was counted against, and how much, when it was taken.

    `until` is when a hold is over. `asked` tells one cart from another. `discount_minor` is what
    it takes off, `returned` (by line id) and `returned_minor` what was taken back of that so far.
    `generation` counts the uses of the same code on the same order that ended before this one.
    `revenue_minor` is what the ledger said last that its order brought in for it.
    `version` rises with every change. `told` is what was last heard of it from the ledger.
    """

    order: str
    code: str
    promotion_id: str
    state: State
    day: date
    currency: str
    limits: tuple[Limit, ...] = ()
    offer: Offer | None = None
    until: datetime | None = None
    by: By = "asked"
    asked: str = ""
    on_rollback: OnRollback = "restore"
    discount_minor: int = 0
    returned: tuple[tuple[str, int], ...] = ()
    returned_minor: int = 0
    revenue_minor: int = 0
    generation: int = 0
    version: int = 0
    told: str = ""
    because: str = ""
    taken_at: datetime = EPOCH
    changed_at: datetime = EPOCH

    def holds_a_use(self) -> bool:
        """Whether it stands: nobody has ended it."""
        return self.state in HOLDS_A_USE

    def counts(self) -> bool:
        """Whether limits count it: it stands, or the promotion keeps what was rolled back."""
        kept = self.state in BY_POLICY and self.on_rollback == "keep"
        return self.holds_a_use() or kept

    def uses(self) -> dict[str, int]:
        """What it counts, by counter. A return gives its money back to the budget, by policy; a
        goal counts what was earned, whatever the policy says."""
        return {each.counter: self._of(each) for each in self.limits} if self.counts() else {}

    def _of(self, limit: Limit) -> int:
        if limit.is_goal():
            return self.revenue_minor if self.state in COUNTS else 0
        back = self.returned_minor if self.on_rollback == "restore" else 0
        return max(limit.by - back, 0) if limit.is_budget() else limit.by

    def is_over(self, now: datetime) -> bool:
        """Whether it is a hold whose time has run out."""
        return self.state == "reserved" and self.until is not None and self.until <= now


def asked_for(
    promotion: Promotion,
    code: Code,
    cart: Cart,
    offer: Offer,
    day: date,
    now: datetime,
    *,
    state: Literal["reserved", "redeemed"],
) -> Claim:
    """The claim that a shop asks for, not yet taken."""
    key = OrderKey(platform=cart.platform, account=cart.account, order_id=cart.order_id)
    held = timedelta(minutes=promotion.hold_minutes)
    return Claim(
        order=key.text(),
        code=code.canonical,
        promotion_id=promotion.promotion_id,
        state=state,
        day=day,
        currency=cart.currency,
        limits=limits_of(promotion, code, cart, day, offer.worth_minor()),
        offer=offer,
        until=now + held if state == "reserved" else None,
        asked=content_of(cart),
        on_rollback=promotion.on_rollback,
        discount_minor=offer.discount_minor,
    )


def content_of(cart: Cart) -> str:
    """A digest of what is bought. Who buys and when is left out: a repeat may know more of it."""
    bought = replace(cart, placed_at=EPOCH, customer=(), device=None, card=None, stock=())
    return sha256(codec.dumps(bought).encode()).hexdigest()[:24]


def recount(claims: Iterable[Claim]) -> dict[str, int]:
    """What all counters must show, from the claims alone; counters of nothing are left out."""
    found: Counter[str] = Counter()
    for claim in claims:
        found.update(claim.uses())
    return {counter: used for counter, used in found.items() if used}


def changes(before: Claim | None, after: Claim) -> dict[str, int]:
    """What each counter must change by; a use that stands is not counted again. A new use is held
    against its goals also where it brings nothing in yet: those stand with 0."""
    had, has = before.uses() if before else {}, after.uses()
    moved = {name: has.get(name, 0) - had.get(name, 0) for name in {**has, **had}}
    is_new = before is None or after.generation > before.generation
    goals = {each.counter for each in after.limits if is_new and each.is_goal()}
    return {name: by for name, by in moved.items() if by or name in goals}


def first_full(after: Claim, moved: Mapping[str, int], used: Mapping[str, int]) -> Limit | None:
    """The first limit that has no room for its change."""
    for limit in after.limits:
        by = moved.get(limit.counter)
        if by is not None and not limit.has_room(used.get(limit.counter, 0), by):
            return limit
    return None


def taken(held: Claim | None, asked: Claim, now: datetime) -> Claim:
    """The use as it stands once it is taken: what stands already is the same use, counted once.

    A hold becomes a redemption, under the periods that it met. What ended makes room for a new
    use of the same name. Raises Conflict where the order has the code with another cart.
    """
    new = replace(asked, version=1, taken_at=now, changed_at=now)
    if held is None:
        return new
    new = replace(new, version=held.version + 1, told=held.told)
    if not held.holds_a_use() or (held.is_over(now) and asked.state == "reserved"):
        return replace(new, generation=held.generation + 1)
    new = replace(new, generation=held.generation, taken_at=held.taken_at)
    if held.state == "reserved" and asked.state == "redeemed":
        return replace(new, limits=_of_one_use(held, asked))
    if held.by == "ledger" and held.offer is None:
        return _adopted(held, new)
    if held.asked != asked.asked:
        raise Conflict(f"the order is {held.state} with this code for another cart")
    return held


def moved(
    held: Claim,
    state: State,
    now: datetime,
    *,
    because: str = "",
    returned: tuple[tuple[str, int], ...] = (),
) -> Claim:
    """The claim in its next state, or as it is where it is there already.

    `returned` is all that was taken back so far, by line id, in minor units; when that is all
    there was, the claim is rolled back. Raises Conflict where no way leads there.
    """
    if state == "partially_returned":
        return _returned(held, now, returned, because)
    if state == held.state:
        return held
    if state not in TRANSITIONS[held.state]:
        raise Conflict(f"the claim is {held.state}, and cannot be {state}")
    if state == "expired" and not held.is_over(now):
        raise Conflict("the hold is not over")
    # The shop ended it: what the ledger says next is news, be it what it said before.
    told = held.told if state in HOLDS_A_USE else ""
    return stepped(held, now, state=state, because=because, told=told)


def expired(held: Claim, now: datetime) -> Claim:
    """The hold given back if its time is over, else the claim as it is."""
    return moved(held, "expired", now) if held.is_over(now) else held


def unnamed(held: Claim, now: datetime) -> Claim:
    """The claim without what it counts at people, their cards and devices; else as it is."""
    limits = tuple(each for each in held.limits if each.scope()[0] not in _OF_PEOPLE)
    return held if limits == held.limits else stepped(held, now, limits=limits)


def with_told(claim: Claim, promotion_id: str, told_limits: tuple[Limit, ...]) -> tuple[Limit, ...]:
    """An asked claim's limits, and what the ledger knows of the same promotion. Delivery that is
    given has no amount in the ledger: there the promise counts."""
    if claim.promotion_id != promotion_id:
        return claim.limits
    in_kind = claim.offer is not None and claim.offer.in_kind
    more = [each for each in told_limits if not (in_kind and each.is_budget())]
    return with_more(claim.limits, more)


def stepped(held: Claim, now: datetime, **change: object) -> Claim:
    """The claim with that change, one version on; only a hold has an end."""
    version = held.version + 1
    after = replace(held, version=version, changed_at=now, **change)  # type: ignore[arg-type]
    return after if after.state == "reserved" else replace(after, until=None)


def _of_one_use(held: Claim, asked: Claim) -> tuple[Limit, ...]:
    """The limits of a use that was counted before it was asked for like this."""
    if held.promotion_id != asked.promotion_id:
        return asked.limits
    return with_more(held.limits, asked.limits)


def _adopted(held: Claim, asked: Claim) -> Claim:
    """A till was faster than the shop's question: the same use, now with its offer."""
    return replace(
        asked,
        state=max(held.state, asked.state, key=FAR.index),
        until=None,
        limits=with_told(asked, held.promotion_id, held.limits),
        discount_minor=held.discount_minor,
        returned_minor=held.returned_minor,
        revenue_minor=held.revenue_minor,
    )


def _returned(
    held: Claim, now: datetime, returned: tuple[tuple[str, int], ...], because: str
) -> Claim:
    kept, back = dict(held.returned), dict(returned)
    total = max(sum(back.values()), held.returned_minor)
    if held.state == "partially_returned" and back == kept:
        return held
    if held.state not in ("redeemed", "confirmed", "partially_returned"):
        raise Conflict(f"the claim is {held.state}, and nothing of it can be returned")
    if any(back.get(line, 0) < minor for line, minor in kept.items()):
        raise Conflict("more was returned before than is said now")
    if total > held.discount_minor:
        raise Conflict(f"no more than {held.discount_minor} can be returned")
    whole = 0 < held.discount_minor == total
    return stepped(
        held,
        now,
        state="rolled_back" if whole else "partially_returned",
        because=because or ("returned in full" if whole else ""),
        returned=tuple(sorted(back.items())),
        returned_minor=total,
        told="" if whole else held.told,
    )
