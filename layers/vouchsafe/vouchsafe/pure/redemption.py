"""A redemption: one code on one order, derived from the order and the register, never guessed."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Literal

from vouchsafe.pure import codes
from vouchsafe.pure.facts import DiscountKind, OrderKey
from vouchsafe.pure.money import split
from vouchsafe.pure.order import Charged, Generation, Order
from vouchsafe.pure.register import ConfirmedBy, Register, days_at, promotions_of

State = Literal[
    "reserved",
    "expired",
    "released",
    "redeemed",
    "lapsed",
    "confirmed",
    "partially_returned",
    "rolled_back",
]

# vocabulary.md, the redemption state machine. None is "not there yet".
TRANSITIONS: dict[State | None, frozenset[State]] = {
    None: frozenset({"reserved", "redeemed", "confirmed", "partially_returned", "rolled_back"}),
    "reserved": frozenset({"expired", "released", "redeemed", "confirmed"}),
    "expired": frozenset(),
    "released": frozenset(),
    "redeemed": frozenset({"confirmed", "lapsed", "rolled_back", "partially_returned"}),
    "lapsed": frozenset({"confirmed", "rolled_back"}),
    "confirmed": frozenset({"partially_returned", "rolled_back"}),
    "partially_returned": frozenset({"rolled_back"}),
    "rolled_back": frozenset(),
}
HOLDS_A_USE: frozenset[State] = frozenset(
    {"reserved", "redeemed", "confirmed", "partially_returned"}
)
COUNTS: frozenset[State] = frozenset({"confirmed", "partially_returned"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Redemption:
    """One code on one order. Money in minor units of `currency`, positive.

    `discount_minor` and `allocation` (line id, share, taken back) are frozen at redemption;
    `revenue_minor` is this code's part of the order's net after returns, so that the parts of an
    order's codes add up to it. `no_effect`: the code stood on the order and took nothing off.
    `generation` counts confirmations that were taken back before; it supersedes the one below.
    `came_back` is how much had come back by each return that brought any of it.
    `code_known` is whether the register knows the code; `promotions` are those that ran that day.
    """

    key: OrderKey
    code: str
    code_raw: str
    generation: int
    state: State
    currency: str
    redeemed_at: datetime
    updated_at: datetime
    received_at: datetime
    business_day: date
    discount_minor: int
    facts_seen: int
    order_gross_minor: int = 0
    order_discount_minor: int = 0
    order_total_minor: int = 0
    returned_minor: int = 0
    revenue_minor: int = 0
    confirmed_at: datetime | None = None
    ended_at: datetime | None = None
    because: str | None = None
    location_id: str | None = None
    staff: str | None = None
    channel: str | None = None
    customer: tuple[str, ...] = ()
    promotions: tuple[str, ...] = ()
    other_codes: tuple[str, ...] = ()
    allocation: tuple[tuple[str, int, int], ...] = ()
    where: tuple[str, ...] = ()
    came_back: tuple[tuple[datetime, int], ...] = ()
    code_known: bool = False
    no_effect: bool = False
    estimated: bool = False

    def item_id(self) -> str:
        """Its name within the order."""
        return f"redemption#{self.code}#{self.generation:03d}"

    def holds_a_use(self) -> bool:
        """Whether limits count it: a code that took nothing off holds none (lesson 8)."""
        return self.state in HOLDS_A_USE and not self.no_effect

    def counts(self) -> bool:
        """Whether attribution and the books see it: confirmed, and not taken back."""
        return self.state in COUNTS


@dataclass(frozen=True, slots=True, kw_only=True)
class Unmapped:
    """A discount that no code of the register stands for: kept and counted, never guessed."""

    key: OrderKey
    discount_id: str
    kind: DiscountKind
    aliases: tuple[str, ...]
    state: State
    currency: str
    redeemed_at: datetime
    updated_at: datetime
    business_day: date
    discount_minor: int
    returned_minor: int
    facts_seen: int
    name: str | None = None
    location_id: str | None = None

    def item_id(self) -> str:
        """Its name within the order."""
        return f"unmapped#{self.discount_id}"

    def alias(self) -> str:
        """The key to look for it when the register learns; the best one the platform gives."""
        return self.aliases[0] if self.aliases else f"name:{self.name or '(no name)'}"

    def counts(self) -> bool:
        """Whether it belongs to a confirmed bill."""
        return self.state in COUNTS


@dataclass(frozen=True, slots=True, kw_only=True)
class Projected:
    """All that is derived from one order."""

    order: Order
    business_day: date
    redemptions: tuple[Redemption, ...]
    unmapped: tuple[Unmapped, ...]

    def rows(self) -> tuple[Redemption | Unmapped, ...]:
        """What the redemptions table keeps of it."""
        return (*self.redemptions, *self.unmapped)


def derive(order: Order, register: Register) -> Projected:
    """The redemptions and unmapped discounts of an order, as the register stands now.

    Discounts that stand for the same code make one redemption. A test order has none. Automatic
    discounts are codeless by the platform's own word: without an alias they stay on the order.
    """
    days = days_at(register, order.key.platform, order.key.account, order.location_id)
    day = days.day_of(order.placed_at)
    if order.test:
        return Projected(order=order, business_day=day, redemptions=(), unmapped=())
    view = _View(order, register, day)
    redemptions: list[Redemption] = []
    for at, past in enumerate(order.past):
        redemptions += [
            view.ended(code, charges, at, past) for code, charges in view.by_code(past.charged)
        ]
    now = [
        view.standing(code, charges, len(order.past))
        for code, charges in view.by_code(order.charged)
    ]
    return Projected(
        order=order,
        business_day=day,
        redemptions=tuple(redemptions + list(_share_revenue(order, now))),
        unmapped=tuple(view.unmapped()),
    )


def _share_revenue(order: Order, redemptions: Sequence[Redemption]) -> Iterable[Redemption]:
    """Splits what the order kept over its live codes, by their discounts (lesson 38). Of equals the
    first by its code has the odd unit: which a bill names first, documents of one bill may differ
    in."""
    live = [each for each in redemptions if each.state != "rolled_back"]
    live.sort(key=lambda each: each.code)
    kept = max(order.net_minor - order.returned_net_minor, 0)
    shares = split(kept, [each.discount_minor for each in live]) if live else ()
    by_code = {each.code: share for each, share in zip(live, shares, strict=True)}
    return (replace(each, revenue_minor=by_code.get(each.code, 0)) for each in redemptions)


class _View:
    """One order seen through the register."""

    def __init__(self, order: Order, register: Register, day: date) -> None:
        self._order = order
        self._register = register
        self._day = day
        there = (charge for charge in order.charged if not charge.removed)
        self._codes = tuple(code for code, _ in self.by_code(there))

    def by_code(self, charged: Iterable[Charged]) -> list[tuple[str, list[Charged]]]:
        """Charges by canonical code, in the order in which the bill names them."""
        found: dict[str, list[Charged]] = {}
        for charge in charged:
            raw = self._raw_code(charge)
            if raw is not None and codes.canonical(raw):
                found.setdefault(codes.canonical(raw), []).append(charge)
        return list(found.items())

    def unmapped(self) -> Iterable[Unmapped]:
        """The charges that stand for no code."""
        for charge in self._order.charged:
            raw = self._raw_code(charge)
            if charge.kind != "automatic" and not (raw and codes.canonical(raw)):
                yield self._unmapped(charge)

    def standing(self, code: str, charges: list[Charged], generation: int) -> Redemption:
        """The redemption as the newest document has it."""
        standing = [each for each in charges if not each.removed] or charges
        removed = all(each.removed for each in standing)
        order = self._order
        promotions, confirmed_by = self._promotions(code)
        confirmed_at = self._confirmed_at(confirmed_by)
        state = self._state(standing, confirmed_at, removed=removed)
        because = "removed from the order" if removed else order.reversed_because
        ended = state == "rolled_back"
        return self._redemption(
            code,
            standing,
            generation,
            state=state,
            promotions=promotions,
            confirmed_at=None if removed else confirmed_at,
            ended_at=(order.reversed_at or order.returned_at or order.updated_at)
            if ended
            else None,
            because=(because or "returned in full") if ended else None,
        )

    def ended(
        self, code: str, charges: list[Charged], generation: int, past: Generation
    ) -> Redemption:
        """The redemption of a confirmation that was taken back."""
        promotions, _ = self._promotions(code)
        return self._redemption(
            code,
            charges,
            generation,
            state="rolled_back",
            promotions=promotions,
            confirmed_at=past.confirmed_at,
            ended_at=past.ended_at,
            because=past.because,
        )

    def _redemption(
        self,
        code: str,
        charges: list[Charged],
        generation: int,
        *,
        state: State,
        promotions: tuple[str, ...],
        confirmed_at: datetime | None,
        ended_at: datetime | None,
        because: str | None,
    ) -> Redemption:
        order = self._order
        amount = sum(each.amount_minor for each in charges)
        whole = state == "rolled_back"
        returned = amount if whole else sum(each.returned_minor for each in charges)
        return Redemption(
            key=order.key,
            code=code,
            code_raw=self._raw_code(charges[0]) or code,
            generation=generation,
            state=state,
            currency=order.currency,
            redeemed_at=order.placed_at,
            updated_at=order.updated_at,
            received_at=order.received_at,
            business_day=self._day,
            discount_minor=amount,
            facts_seen=order.facts_seen,
            order_gross_minor=order.gross_minor,
            order_discount_minor=order.discount_minor,
            order_total_minor=order.total_minor,
            returned_minor=returned,
            confirmed_at=confirmed_at,
            ended_at=ended_at,
            because=because,
            location_id=order.location_id,
            staff=order.staff,
            channel=order.channel,
            customer=order.customer,
            promotions=promotions,
            other_codes=tuple(each for each in self._codes if each != code),
            allocation=_merged(charges, whole=whole),
            where=tuple(each.where for each in charges),
            came_back=_steps(charges, returned),
            code_known=self._register.code(code) is not None,
            no_effect=amount == 0 and not any(each.in_kind for each in charges),
            estimated=order.estimated,
        )

    def _state(
        self, charges: list[Charged], confirmed_at: datetime | None, *, removed: bool
    ) -> State:
        if removed or self._order.stage == "reversed":
            return "rolled_back"
        if confirmed_at is None:
            return "redeemed"
        returned = sum(each.returned_minor for each in charges)
        if not returned:
            return "confirmed"
        amount = sum(each.amount_minor for each in charges)
        return "rolled_back" if returned >= amount else "partially_returned"

    def _promotions(self, code: str) -> tuple[tuple[str, ...], ConfirmedBy]:
        """The code's promotions that ran on the day, else all of them; and what confirms."""
        known = promotions_of(self._register, self._register.code(code))
        ran = [each for each in known if each.runs_on(self._day)] or list(known)
        account = self._register.account(self._order.key.platform, self._order.key.account)
        said = [each.confirmed_by for each in ran] + ([account.confirmed_by] if account else [])
        asked: ConfirmedBy = next((each for each in said if each != "platform"), "platform")
        return tuple(each.promotion_id for each in ran), asked

    def _confirmed_at(self, confirmed_by: ConfirmedBy) -> datetime | None:
        if confirmed_by == "platform":
            return self._order.confirmed_at
        return dict(self._order.signals).get(confirmed_by)

    def _raw_code(self, charge: Charged) -> str | None:
        """The code as typed, or what the register says that this till discount stands for."""
        if charge.code_raw is not None:
            return charge.code_raw
        key = self._order.key
        found = (self._register.alias(key.platform, key.account, alias) for alias in charge.aliases)
        return next((code for code in found if code), None)

    def _unmapped(self, charge: Charged) -> Unmapped:
        order = self._order
        state = self._state([charge], order.confirmed_at, removed=charge.removed)
        return Unmapped(
            key=order.key,
            discount_id=charge.discount_id,
            kind=charge.kind,
            aliases=charge.aliases,
            name=charge.name,
            state=state,
            currency=order.currency,
            redeemed_at=order.placed_at,
            updated_at=order.updated_at,
            business_day=self._day,
            discount_minor=charge.amount_minor,
            returned_minor=charge.amount_minor if state == "rolled_back" else charge.returned_minor,
            facts_seen=order.facts_seen,
            location_id=order.location_id,
        )


def _steps(charges: list[Charged], returned_minor: int) -> tuple[tuple[datetime, int], ...]:
    """How much of several discounts that stand for one code had come back by each refund that
    brought any of it."""
    by_then: Counter[datetime] = Counter()
    for at, minor in (step for each in charges for step in each.came_back):
        by_then[at] += minor
    first = {minor: at for at, minor in sorted(by_then.items(), reverse=True)}
    return tuple(sorted((at, minor) for minor, at in first.items() if 0 < minor <= returned_minor))


def _merged(charges: list[Charged], *, whole: bool) -> tuple[tuple[str, int, int], ...]:
    """Line by line, the sum of several discounts that stand for one code."""
    merged: dict[str, tuple[int, int]] = {}
    for line_id, share, taken in (part for each in charges for part in each.allocation):
        held, back = merged.get(line_id, (0, 0))
        merged[line_id] = held + share, back + (share if whole else taken)
    return tuple((line_id, share, back) for line_id, (share, back) in sorted(merged.items()))
