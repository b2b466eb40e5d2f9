"""An order: the fold of its facts, the same for any order and repetition of them."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal
from itertools import pairwise
from typing import Literal

from vouchsafe.pure import codec, codes
from vouchsafe.pure.allocation import allocate, taken_back
from vouchsafe.pure.facts import (
    Discount,
    DiscountKind,
    Fact,
    GoneSaid,
    Line,
    OrderKey,
    OrderSaid,
    PaymentSaid,
    RefundSaid,
)
from vouchsafe.pure.identity import ranked

Stage = Literal["open", "confirmed", "reversed"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Charged:
    """One discount of an order with its frozen allocation: (line id, minor units, taken back).

    `came_back` is how much of it had come back by each refund."""

    discount_id: str
    kind: DiscountKind
    amount_minor: int
    returned_minor: int
    where: str
    code_raw: str | None = None
    aliases: tuple[str, ...] = ()
    name: str | None = None
    allocation: tuple[tuple[str, int, int], ...] = ()
    removed: bool = False
    in_kind: bool = False
    came_back: tuple[tuple[datetime, int], ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Generation:
    """A confirmation that was taken back: the till reopened the order, or revived a dead one."""

    ended_at: datetime
    because: str
    confirmed_at: datetime | None
    charged: tuple[Charged, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """What is true of one order now. Money in minor units of `currency`, discounts positive.

    `net_minor` is gross less all discounts, without tax and tip; `returned_net_minor` is what
    returns took off it. `estimated` is True where a plain refund named no lines, so that shares
    were taken in proportion. `facts_seen` rises with every fact and never falls.
    """

    key: OrderKey
    stage: Stage
    currency: str
    placed_at: datetime
    updated_at: datetime
    received_at: datetime
    facts_seen: int
    confirmed_at: datetime | None = None
    reversed_at: datetime | None = None
    reversed_because: str | None = None
    signals: tuple[tuple[str, datetime], ...] = ()
    returned_at: datetime | None = None
    location_id: str | None = None
    staff: str | None = None
    channel: str | None = None
    test: bool = False
    customer: tuple[str, ...] = ()
    gross_minor: int = 0
    discount_minor: int = 0
    tax_minor: int = 0
    tip_minor: int = 0
    total_minor: int = 0
    net_minor: int = 0
    refunded_minor: int = 0
    returned_net_minor: int = 0
    sums_foot: bool = True
    estimated: bool = False
    lines: tuple[Line, ...] = ()
    charged: tuple[Charged, ...] = ()
    past: tuple[Generation, ...] = ()

    def has_discounts(self) -> bool:
        """Whether a redemption or an unmapped discount can follow from it."""
        return bool(self.charged or self.past)


def fold(facts: Iterable[Fact]) -> Order | None:
    """The order that the facts describe; None while no order document is among them.

    All facts must be of one order. A refund or payment may come long before its order.
    """
    told: dict[str, list[Fact]] = {}
    for each in facts:
        told.setdefault(each.fact_id(), []).append(each)
    everything = [each for same in told.values() for each in same]
    held = _current(everything)
    documents = _since_when(
        [(fact, fact.body) for fact in held if isinstance(fact.body, OrderSaid)]
    )
    if not documents:
        return None
    fact, document = documents[-1]
    refunds = _refunds([said for _, said in documents], held)
    payments = [fact.body for fact in _newest(held) if isinstance(fact.body, PaymentSaid)]
    completed = [each for each in refunds if each.state == "completed"]
    back = _Returns(document, completed)
    past = _generations(documents, payments)
    stage, confirmed_at, reversed_at, because = _stage(document, payments, back)
    gone_at = _gone_at(held)
    if gone_at and stage != "reversed":
        stage, reversed_at, because = "reversed", max(gone_at, document.updated_at), "deleted"
    basis = _frozen(documents, back)
    charged = _charged(basis, back, whole=stage == "reversed")
    charged = _step_by_step(charged, basis, document, completed)
    charged += _removed([said for _, said in documents], basis, past)
    net = document.gross_minor - document.discount_minor
    return Order(
        key=fact.order,
        stage=stage,
        currency=document.currency,
        placed_at=document.placed_at,
        updated_at=max(each.updated_at for _, each in documents),
        received_at=min(each.received_at for each in everything),
        facts_seen=len(told),
        confirmed_at=confirmed_at,
        reversed_at=reversed_at,
        reversed_because=because,
        signals=_signals(document, payments),
        returned_at=back.latest,
        location_id=document.location_id,
        staff=document.staff or next((each.staff for each in payments if each.staff), None),
        channel=document.channel,
        test=document.test,
        customer=ranked(key for each in everything for key in each.customer),
        gross_minor=document.gross_minor,
        discount_minor=document.discount_minor,
        tax_minor=document.tax_minor,
        tip_minor=document.tip_minor,
        total_minor=document.total_minor,
        net_minor=net,
        refunded_minor=back.money,
        returned_net_minor=net if stage == "reversed" else back.net(basis, net),
        sums_foot=document.sums_foot,
        estimated=back.estimated and stage != "reversed",
        lines=document.lines,
        charged=charged,
        past=past,
    )


def _current(held: list[Fact]) -> list[Fact]:
    """The facts that stand, oldest version first: one for each object and version.

    A mended reader supersedes older readings of the same bytes, and of the same version. What
    several bytes say stands until all of them were read anew.
    """
    newest_reader: dict[str, int] = {}
    for fact in held:
        newest_reader[fact.source_digest] = max(
            newest_reader.get(fact.source_digest, 0), fact.reader
        )
    standing = {}
    for fact in sorted(held, key=_precedence):
        if fact.reader == newest_reader[fact.source_digest]:
            standing[fact.kind, fact.object_id, fact.version] = fact
    return list(standing.values())


def _precedence(fact: Fact) -> tuple[str, int, str, float]:
    """Of the same saying, the one that was heard first stands."""
    return fact.version, fact.reader, codec.dumps(fact.body), -fact.received_at.timestamp()


def _newest(held: Iterable[Fact]) -> list[Fact]:
    """The newest version of each object, in the order of their ids."""
    newest = {(fact.kind, fact.object_id): fact for fact in held}
    return [newest[key] for key in sorted(newest)]


def _since_when(documents: list[tuple[Fact, OrderSaid]]) -> list[tuple[Fact, OrderSaid]]:
    """Documents in a row that say the order is off tell when and why it went off first.

    Platforms that stamp no cancellation would move it with each later save. Those that stamp no
    payment stand the sale's time in for it: where an older document was still unpaid later than
    that, the order was paid by the first one that says so. And one that is off may have been
    paid before, though its last document no longer says so.
    """
    told: list[tuple[Fact, OrderSaid]] = []
    unpaid_at: datetime | None = None
    for fact, said in documents:
        before = told[-1][1] if told else said
        if said.reversed_at and before.reversed_at:
            because = before.reversed_because
            said = replace(said, reversed_at=before.reversed_at, reversed_because=because)
        if said.reversed_at and said.confirmed_at is None and before.confirmed_at:
            said = replace(said, confirmed_at=before.confirmed_at)
        if said.confirmed_at is None:
            unpaid_at = said.updated_at
        elif unpaid_at and said.confirmed_at < unpaid_at:
            said = _confirmed(said, before.confirmed_at or said.updated_at)
        told.append((fact, said))
    return told


def _confirmed(said: OrderSaid, at: datetime) -> OrderSaid:
    """The document with another instant of confirmation, in its signals too."""
    signals = tuple(
        (name, at if instant == said.confirmed_at else instant) for name, instant in said.signals
    )
    return replace(said, confirmed_at=at, signals=signals)


def _gone_at(held: Iterable[Fact]) -> datetime | None:
    """When we were first told that the platform has the order no more."""
    return min((fact.received_at for fact in held if isinstance(fact.body, GoneSaid)), default=None)


def _refunds(documents: list[OrderSaid], held: Iterable[Fact]) -> list[RefundSaid]:
    """The refunds that stand: told in full, or so far only named by the newest document.

    A document that names its refunds knows them all: an older one that it leaves out was deleted.
    """
    newest_of_each = _newest(held)
    full = {
        fact.object_id: fact.body for fact in newest_of_each if isinstance(fact.body, RefundSaid)
    }
    newest = documents[-1]
    if newest.refunds is None:
        return list(full.values())
    named = dict(newest.refunds)
    standing = [
        said
        for refund_id, said in full.items()
        if refund_id in named or said.refunded_at >= newest.updated_at
    ]
    short = [
        _short(refund_id, amount, documents)
        for refund_id, amount in named.items()
        if refund_id not in full
    ]
    return standing + short


def _short(refund_id: str, amount_minor: int, documents: list[OrderSaid]) -> RefundSaid:
    """A refund of which no more is known than its money, made by the first that names it."""
    first = next(said for said in documents if refund_id in dict(said.refunds or ()))
    return RefundSaid(
        currency=first.currency,
        state="completed",
        refunded_at=first.updated_at,
        amount_minor=amount_minor,
    )


def _signals(document: OrderSaid, payments: list[PaymentSaid]) -> tuple[tuple[str, datetime], ...]:
    paid_at = _paid_in_full(document, payments)
    signals = dict(document.signals)
    if paid_at:
        signals.setdefault("payment", paid_at)
    return tuple(sorted(signals.items()))


def _paid_in_full(document: OrderSaid, payments: list[PaymentSaid]) -> datetime | None:
    done = [each for each in payments if each.state == "completed"]
    if not done or sum(each.amount_minor for each in done) < document.total_minor:
        return None
    return max(each.paid_at for each in done)


def _stage(
    document: OrderSaid, payments: list[PaymentSaid], back: "_Returns"
) -> tuple[Stage, datetime | None, datetime | None, str | None]:
    """Stage, instant of confirmation, instant of reversal, and why it was reversed."""
    stage, confirmed_at = _told_stage(document, payments)
    if stage == "reversed":
        return stage, confirmed_at, document.reversed_at, document.reversed_because
    if document.total_minor and payments and all(each.state == "failed" for each in payments):
        failed_at = max(each.paid_at for each in payments)
        return "reversed", confirmed_at, failed_at, "payment failed"
    if back.covers(document):
        return "reversed", confirmed_at, back.latest, "refunded in full"
    return stage, confirmed_at, None, None


def _told_stage(document: OrderSaid, payments: list[PaymentSaid]) -> tuple[Stage, datetime | None]:
    """The stage by the document's own word and the payments in full, refunds left aside."""
    confirmed_at = document.confirmed_at or _paid_in_full(document, payments)
    if document.reversed_at:
        return "reversed", confirmed_at
    return ("confirmed" if confirmed_at else "open"), confirmed_at


def _generations(
    documents: list[tuple[Fact, OrderSaid]], payments: list[PaymentSaid]
) -> tuple[Generation, ...]:
    """Confirmations that a later document took back, and reversals that one undid."""
    past = []
    for (_, before), (_, after) in pairwise(documents):
        (was, confirmed_at), (now, _) = (_told_stage(each, payments) for each in (before, after))
        reopened = was == "confirmed" and now == "open"
        revived = was == "reversed" and now != "reversed"
        if reopened or revived:
            because = before.reversed_because or "reversed" if revived else "reopened"
            past.append(
                Generation(
                    ended_at=before.reversed_at or after.updated_at,
                    because=because,
                    confirmed_at=confirmed_at,
                    charged=_charged(before, _Returns(before, []), whole=True),
                )
            )
    return tuple(past)


def _frozen(documents: list[tuple[Fact, OrderSaid]], back: "_Returns") -> OrderSaid:
    """The document whose allocation holds: the last before goods came back, else the newest.

    Platforms may spread a discount anew over what is left after a return; the share that a unit
    took with it must stay what it was when it was sold (lesson 17).
    """
    newest = documents[-1][1]
    if back.earliest is None:
        return newest
    before = [said for _, said in documents if said.updated_at < back.earliest]
    return _with_gains(before[-1], newest) if before else newest


def _with_gains(sold: OrderSaid, newest: OrderSaid) -> OrderSaid:
    """What was sold, with its shares as they were, and what the bill gained since: an exchange or
    an edit brings lines and discounts of its own."""
    lines = {each.line_id for each in sold.lines}
    discounts = {_sign(each) for each in sold.discounts}
    names = {each.discount_id for each in sold.discounts}
    gained = [each for each in _settled(newest) if _sign(each) not in discounts]
    return replace(
        sold,
        lines=sold.lines + tuple(each for each in newest.lines if each.line_id not in lines),
        discounts=(*_settled(sold), *(_told_apart(each, names) for each in gained)),
    )


def _settled(document: OrderSaid) -> list[Discount]:
    """The discounts with the shares that they have on this document."""
    shares = allocate(document.lines, document.discounts)
    return [
        replace(each, shares=tuple(shares[each.discount_id].items())) for each in document.discounts
    ]


def _told_apart(discount: Discount, names: set[str]) -> Discount:
    """A till may give a later discount the id of an earlier one."""
    if discount.discount_id not in names:
        return discount
    return replace(discount, discount_id=f"gained-{discount.discount_id}")


def _charged(document: OrderSaid, back: "_Returns", *, whole: bool) -> tuple[Charged, ...]:
    shares = allocate(document.lines, document.discounts)
    return tuple(
        _charge(each, shares[each.discount_id], back, document, whole=whole)
        for each in document.discounts
    )


def _step_by_step(
    charged: tuple[Charged, ...], basis: OrderSaid, document: OrderSaid, refunds: list[RefundSaid]
) -> tuple[Charged, ...]:
    """With what had come back by each refund, by the same frozen shares."""
    if not refunds:
        return charged
    steps: list[tuple[datetime, tuple[Charged, ...]]] = []
    for at in sorted({each.refunded_at for each in refunds}):
        by_then = _Returns(document, [each for each in refunds if each.refunded_at <= at])
        steps.append((at, _charged(basis, by_then, whole=False)))
    return tuple(
        replace(each, came_back=tuple((at, then[number].returned_minor) for at, then in steps))
        for number, each in enumerate(charged)
    )


def _charge(
    discount: Discount,
    shares: dict[str, int],
    back: "_Returns",
    document: OrderSaid,
    *,
    whole: bool,
) -> Charged:
    allocation = tuple(
        (line_id, share, share if whole else back.of(discount.discount_id, line_id, share))
        for line_id, share in sorted(shares.items())
    )
    amount = sum(shares.values())
    returned = sum(taken for _, _, taken in allocation)
    if not whole:
        returned = min(amount, returned + back.in_proportion(amount - returned, document))
    return Charged(
        discount_id=discount.discount_id,
        kind=discount.kind,
        amount_minor=amount,
        returned_minor=returned,
        where=discount.where,
        code_raw=discount.code_raw,
        aliases=discount.aliases,
        name=discount.name,
        allocation=allocation,
        in_kind=discount.in_kind,
    )


def _removed(
    documents: list[OrderSaid], basis: OrderSaid, past: tuple[Generation, ...]
) -> tuple[Charged, ...]:
    """Codes that stood on an earlier document and are gone: taken back whole, never forgotten.

    What the last document that had them said of them is what holds.
    """
    there = {_sign(each) for each in basis.discounts}
    there |= {_sign(each) for gone in past for each in gone.charged}
    removed: dict[tuple[str, ...], list[Charged]] = {}
    for document in documents[:-1]:
        seen: dict[tuple[str, ...], list[Charged]] = {}
        for each in _charged(document, _Returns(document, []), whole=True):
            seen.setdefault(_sign(each), []).append(each)
        removed |= {sign: charges for sign, charges in seen.items() if sign not in there}
    flat = [each for charges in removed.values() for each in charges]
    return tuple(_as_removed(number, each) for number, each in enumerate(flat))


def _as_removed(number: int, charge: Charged) -> Charged:
    return replace(
        charge,
        discount_id=f"removed-{number}-{charge.discount_id}",
        returned_minor=charge.amount_minor,
        removed=True,
    )


def _sign(discount: Discount | Charged) -> tuple[str, ...]:
    """What makes two discounts of two documents the same one: a code in any spelling."""
    if discount.code_raw is not None:
        return ("code", codes.canonical(discount.code_raw))
    return ("till", *discount.aliases, discount.name or discount.discount_id)


class _Returns:
    """Completed refunds of one order, added up once: by line, by discount, and as plain money."""

    def __init__(self, document: OrderSaid, refunds: list[RefundSaid]) -> None:
        self._sold = {line.line_id: line.quantity for line in document.lines}
        self._units: dict[str, Decimal] = {}
        self._told: dict[tuple[str, str], int] = {}
        self._told_units: dict[str, Decimal] = {}
        self.money = sum(each.amount_minor for each in refunds)
        self._plain = sum(each.amount_minor for each in refunds if not each.lines)
        self._total = document.total_minor
        self.latest = max((each.refunded_at for each in refunds), default=None)
        self.earliest = min((each.refunded_at for each in refunds), default=None)
        for line in (line for each in refunds for line in each.lines):
            self._add(line.line_id, line.quantity, line.shares)

    def _add(
        self, line_id: str, quantity: Decimal, shares: tuple[tuple[str, int], ...] | None
    ) -> None:
        units = self._units if shares is None else self._told_units
        units[line_id] = units.get(line_id, Decimal(0)) + quantity
        for discount_id, share in shares or ():
            told = (discount_id, line_id)
            self._told[told] = self._told.get(told, 0) + share

    @property
    def estimated(self) -> bool:
        """Whether some money came back without naming what for."""
        return self._plain > 0

    def covers(self, document: OrderSaid) -> bool:
        """Whether everything is back: all the money, or all units of an order that cost nothing."""
        if document.total_minor > 0:
            return self.money >= document.total_minor
        return bool(self._sold) and all(
            self._back(line_id) >= sold > 0 for line_id, sold in self._sold.items()
        )

    def of(self, discount_id: str, line_id: str, share: int) -> int:
        """What returns took back of a discount's share on a line."""
        told = self._told.get((discount_id, line_id), 0)
        sold = self._sold.get(line_id, Decimal(0))
        counted = taken_back(share, self._units.get(line_id, Decimal(0)), sold)
        return min(share, told + counted)

    def in_proportion(self, amount: int, document: OrderSaid) -> int:
        """What plain refunds take of an amount, in proportion to the order's total: an estimate."""
        if not self._plain or document.total_minor <= 0:
            return 0
        return min(amount, amount * self._plain // document.total_minor)

    def net(self, document: OrderSaid, net_minor: int) -> int:
        """What returns took off the order's net, by units where told, else by money."""
        shares = allocate(document.lines, document.discounts)
        taken = 0
        for line in document.lines:
            units = self._back(line.line_id)
            taken += taken_back(line.gross_minor, units, line.quantity)
            for discount_id, by_line in shares.items():
                taken -= self.of(discount_id, line.line_id, by_line.get(line.line_id, 0))
        left = net_minor - taken
        return min(net_minor, taken + self.in_proportion(left, document))

    def _back(self, line_id: str) -> Decimal:
        units = self._units.get(line_id, Decimal(0))
        return units + self._told_units.get(line_id, Decimal(0))
