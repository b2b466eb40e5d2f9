"""What is asked of a value, decided: the entries that it makes, none where it was done before.

Holds whose time is over are given back by whatever entry comes next, in the same transaction; until
then they are their owner's, also a minute late.
"""

from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta

from vouchsafe.pure.errors import Absent, Conflict
from vouchsafe.pure.facts import joined
from vouchsafe.pure.money import Money
from vouchsafe.pure.offer import Reason
from vouchsafe.pure.value import Entry, Hold, Kind, Payment, Value, ValueTerms

# One transaction gives all of them back; who holds a value for more orders at once tries it out.
MOST_HOLDS = 20


class Declined(Conflict):
    """The value does not pay for that; `reason` is of the vocabulary, `term` the one unmet."""

    def __init__(self, reason: Reason, detail: str, term: str = "") -> None:
        super().__init__(detail)
        self.reason = reason
        self.term = term


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """What stands of a value: its balance, what it paid of the order that is asked about, and the
    entry of the cause that is asked about; None for what there is not."""

    value: Value | None = None
    payment: Payment | None = None
    entry: Entry | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Here:
    """When, where and by whom something is asked; `day` is the business day there."""

    at: datetime
    day: date
    place: str
    who: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Sale:
    """Value that an order sold, and what was paid for it: less, or nothing, where it was given."""

    order: str
    amount_minor: int
    paid_minor: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What a payment of an order asks for; `partly`: less will do where there is less."""

    order: str
    payment: str
    amount_minor: int
    partly: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Returned:
    """What of an order came back; a return gives back of a payment once."""

    order: str
    payment: str
    return_id: str

    def cause(self) -> str:
        return joined(("given_back", self.order, self.payment, self.return_id))


def sale_cause(kind: Kind, order: str) -> str:
    """An order sells value to a code once."""
    return joined((kind, order))


def issue(standing: Standing, terms: ValueTerms, sale: Sale, here: Here) -> tuple[Entry, ...]:
    """A code gets its value once. Raises Declined, and Conflict where it has one by another order
    or amount."""
    if standing.value is not None:
        return _sold_again(standing, sale)
    _in_time(terms, here)
    return (replace(_sold(terms, "issued", sale, here), number=1),)


def top_up(standing: Standing, sale: Sale, here: Here) -> tuple[Entry, ...]:
    """More value for a code. Raises Absent, Declined, Conflict."""
    value, here = _known(standing, here)
    if standing.entry is not None:
        return _sold_again(standing, sale)
    _in_time(value.terms, here)
    return _made(value, _sold(value.terms, "topped_up", sale, here))


def hold(standing: Standing, asked: Asked, minutes: int, here: Here) -> tuple[Entry, ...]:
    """Holds what is asked for, never beyond the value's last day. Raises Absent, Declined, and
    Conflict where the payment holds or has paid another amount."""
    value, here = _known(standing, here)
    if standing.payment is not None:
        return _asked_again(standing.payment.asked_minor, asked)
    held = value.hold_of(asked.order, asked.payment)
    if held is not None and not held.is_over(here.at):
        return _asked_again(held.asked_minor, asked)
    granted = _granted(value, value.free_minor(here.at), asked, here)
    if sum(not each.is_over(here.at) for each in value.holds) >= MOST_HOLDS:
        raise Conflict(f"{MOST_HOLDS} orders hold the value: release one first")
    until = min(here.at + timedelta(minutes=minutes), value.terms.over_at())
    cause = joined(("held", asked.order, asked.payment, str(value.version)))
    entry = _entry(value.terms, "held", cause, granted, here)
    return _made(value, replace(_of(entry, asked), until=until))


def spend(standing: Standing, asked: Asked, here: Here) -> tuple[Entry, ...]:
    """Pays for an order, held before or not; what was held beyond it is available again. Raises
    Absent, Declined, and Conflict where the payment was made with another amount."""
    value, here = _known(standing, here)
    if standing.payment is not None:
        return _asked_again(standing.payment.asked_minor, asked)
    held = value.hold_of(asked.order, asked.payment)
    own = held.amount_minor if held else 0
    more = own if held and not held.is_over(here.at) else 0
    granted = _granted(value, value.free_minor(here.at) + more, asked, here)
    cause = joined(("spent", asked.order, asked.payment))
    entry = _entry(value.terms, "spent", cause, granted, here)
    return _made(value, replace(_of(entry, asked), hold_minor=own), spare=held)


def release(standing: Standing, order: str, payment: str, here: Here) -> tuple[Entry, ...]:
    """Gives a hold back; nothing where none is held. Raises Absent."""
    value, here = _known(standing, here)
    held = value.hold_of(order, payment)
    return (replace(_released(value, held, here), number=value.version + 1),) if held else ()


def give_back(
    standing: Standing, returned: Returned, amount_minor: int | None, here: Here
) -> tuple[Entry, ...]:
    """Gives back of a payment; without an amount all that is left of it. Raises Absent, and
    Conflict where it is more than that."""
    value, here = _known(standing, here)
    if standing.entry is not None:
        if amount_minor not in (None, standing.entry.amount_minor):
            raise Conflict("that return gave back another amount")
        return ()
    left = standing.payment.left_minor() if standing.payment else 0
    back = left if amount_minor is None else amount_minor
    if not 0 < back <= left:
        raise Conflict(f"of this payment {_money(value, left)} can be given back")
    entry = _entry(value.terms, "given_back", returned.cause(), back, here)
    return _made(value, replace(entry, order=returned.order, payment=returned.payment))


def withdraw(
    standing: Standing, cause: str, amount_minor: int | None, because: str, here: Here
) -> tuple[Entry, ...]:
    """A person takes value away; without an amount all that is free. Raises Absent, Declined."""
    value, here = _known(standing, here)
    if standing.entry is not None:
        return ()
    free = value.free_minor(here.at)
    asked = Asked(order="", payment="", amount_minor=free if amount_minor is None else amount_minor)
    entry = _entry(value.terms, "withdrawn", cause, _granted(value, free, asked, here), here)
    return _made(value, replace(entry, because=because))


def _granted(value: Value, free: int, asked: Asked, here: Here) -> int:
    _in_time(value.terms, here)
    if free >= asked.amount_minor > 0:
        return asked.amount_minor
    if asked.partly and free > 0:
        return free
    raise Declined("budget_exhausted", f"{_money(value, free)} are left")


def _in_time(terms: ValueTerms, here: Here) -> None:
    if terms.is_over(here.at):
        raise Declined("expired", f"its last day was {terms.expires_on}")


def _known(standing: Standing, here: Here) -> tuple[Value, Here]:
    """The value, and the time by its own clock: of two machines one may be behind, and what came
    after an expiry or the end of a hold must not be dated before it."""
    value = standing.value
    if value is None:
        raise Absent("value of this code")
    return value, replace(here, at=max(here.at, value.moved_at))


def _sold_again(standing: Standing, sale: Sale) -> tuple[Entry, ...]:
    entry = standing.entry
    if entry is None:
        raise Conflict("the code has a value, by another order")
    if (entry.amount_minor, entry.paid_minor) != (sale.amount_minor, sale.paid_minor):
        raise Conflict("the order sold another value to this code")
    return ()


def _asked_again(asked_minor: int, asked: Asked) -> tuple[Entry, ...]:
    if asked_minor != asked.amount_minor:
        raise Conflict("the order asked for another amount before: release that, or name a payment")
    return ()


def _sold(terms: ValueTerms, kind: Kind, sale: Sale, here: Here) -> Entry:
    entry = _entry(terms, kind, sale_cause(kind, sale.order), sale.amount_minor, here)
    return replace(entry, order=sale.order, paid_minor=sale.paid_minor)


def _of(entry: Entry, asked: Asked) -> Entry:
    return replace(entry, order=asked.order, payment=asked.payment, asked_minor=asked.amount_minor)


def _entry(terms: ValueTerms, kind: Kind, cause: str, amount_minor: int, here: Here) -> Entry:
    """An entry that has no number yet."""
    return Entry(
        terms=terms,
        kind=kind,
        cause=cause,
        number=0,
        amount_minor=amount_minor,
        at=here.at,
        day=here.day,
        place=here.place,
        who=here.who,
    )


def _made(value: Value, entry: Entry, spare: Hold | None = None) -> tuple[Entry, ...]:
    """The entry, after those that give back what is over by then; `spare` is left as it is."""
    over = [each for each in value.holds if each.is_over(entry.at) and each != spare]
    here = Here(at=entry.at, day=entry.day, place=entry.place, who=entry.who)
    made = (*(_released(value, each, here) for each in over), entry)
    return tuple(replace(each, number=at) for at, each in enumerate(made, value.version + 1))


def _released(value: Value, held: Hold, here: Here) -> Entry:
    """A hold that ran out ended when its time was over, whenever somebody writes that down."""
    cause = joined(("released", held.order, held.payment, str(held.number)))
    entry = _entry(value.terms, "released", cause, held.amount_minor, here)
    entry = replace(entry, order=held.order, payment=held.payment)
    if not held.is_over(here.at):
        return entry
    day = value.terms.days.day_of(held.until)
    return replace(entry, at=held.until, day=day, because="its time was over", who="")


def _money(value: Value, minor: int) -> Money:
    return Money(minor, value.terms.currency)
