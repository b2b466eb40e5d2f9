"""What each call does: the steps between a body and its answer."""

from collections.abc import Callable
from dataclasses import dataclass

from vouchsafe.edge import values_table
from vouchsafe.edge.register_table import RegisterReader
from vouchsafe.flow import guard
from vouchsafe.pure import value_moves as moves
from vouchsafe.pure.asking import Call, Reply
from vouchsafe.pure.codes import canonical
from vouchsafe.pure.errors import Absent, Conflict, Invalid, Throttled
from vouchsafe.pure.facts import OrderKey
from vouchsafe.pure.money import exponent
from vouchsafe.pure.offer import Refusal, public
from vouchsafe.pure.register import PAID, Promotion, days_at, promotions_of
from vouchsafe.pure.value import Entry, Value, ValueTerms
from vouchsafe.pure.value_moves import Asked, Declined, Here, Returned, Sale, Standing

from . import told
from .models import (
    LONGEST_NAME,
    GiveBackAsked,
    IssueAsked,
    PaymentAsked,
    ReleaseAsked,
    SaleAsked,
)

_HELD_UP_S = 600.0

_register = RegisterReader()


@dataclass(frozen=True, slots=True)
class _Desk:
    """One call for one code."""

    call: Call
    code: str
    here: Here

    def order(self, order_id: str) -> str:
        caller = self.call.caller
        return OrderKey(platform=caller.platform, account=caller.account, order_id=order_id).text()

    def must_allow(self, promotion: Promotion | None, currency: str, said: str) -> None:
        """What of a promotion's terms holds for its value. Raises Declined."""
        if promotion is None or promotion.status != "active":
            raise Declined("code_disabled", "its promotion is switched off")
        if self.here.day < promotion.starts_on:
            raise Declined("not_yet_active", f"its first day is {promotion.starts_on}")
        if promotion.places and self.here.place not in promotion.places:
            raise Declined("terms_not_met", "it is for other places", "places")
        if currency != said:
            raise Declined("terms_not_met", f"it is in {said}", "currency")

    def must_pay(self, value: Value | None, currency: str) -> None:
        """Raises Declined where the value may not be held or spent here."""
        if value is not None:
            self.must_allow(_promotion_of(value), currency, value.terms.currency)


def issue(call: Call) -> Reply:
    """A code that was sold gets its value."""
    asked = call.asked(IssueAsked)
    desk = _desk(call, asked.location_id)
    sale = _sale(desk, asked)

    def work() -> Reply:
        promotion = _sold_by(desk)

        def decide(seen: Standing) -> tuple[Entry, ...]:
            terms = seen.value.terms if seen.value else _terms(desk, promotion, asked)
            made = moves.issue(seen, terms, sale, desk.here)
            if made:
                desk.must_allow(promotion, asked.currency, promotion.currency or asked.currency)
            return made

        cause = moves.sale_cause("issued", sale.order)
        found = values_table.move(desk.code, decide, cause=cause)
        return told.moved(found, _of_entry(found), asked.amount_minor, call.now)

    return _answered(desk, asked.session, work)


def top_up(call: Call) -> Reply:
    """More value for a code that has some."""
    asked = call.asked(SaleAsked)
    desk = _desk(call, asked.location_id)
    sale = _sale(desk, asked)

    def decide(seen: Standing) -> tuple[Entry, ...]:
        made = moves.top_up(seen, sale, desk.here)
        if made:
            desk.must_pay(seen.value, asked.currency)
        return made

    def work() -> Reply:
        cause = moves.sale_cause("topped_up", sale.order)
        found = values_table.move(desk.code, decide, cause=cause)
        return told.moved(found, _of_entry(found), asked.amount_minor, call.now)

    return _answered(desk, asked.session, work)


def hold(call: Call) -> Reply:
    """Holds an amount for an order, for as long as the promotion says."""
    asked = call.asked(PaymentAsked)
    desk = _desk(call, asked.location_id)
    want = _wanted(desk, asked)

    def decide(seen: Standing) -> tuple[Entry, ...]:
        made = moves.hold(seen, want, _hold_minutes(seen.value), desk.here)
        if made:
            desk.must_pay(seen.value, asked.currency)
        return made

    def work() -> Reply:
        found = values_table.move(desk.code, decide, order=want.order, payment=want.payment)
        return told.moved(found, _held(found, want), asked.amount_minor, call.now)

    return _answered(desk, asked.session, work)


def spend(call: Call) -> Reply:
    """Pays for an order, held before or not."""
    asked = call.asked(PaymentAsked)
    desk = _desk(call, asked.location_id)
    want = _wanted(desk, asked)

    def decide(seen: Standing) -> tuple[Entry, ...]:
        made = moves.spend(seen, want, desk.here)
        if made:
            desk.must_pay(seen.value, asked.currency)
        return made

    def work() -> Reply:
        found = values_table.move(desk.code, decide, order=want.order, payment=want.payment)
        granted = found.payment.spent_minor if found.payment else 0
        return told.moved(found, granted, asked.amount_minor, call.now)

    return _answered(desk, asked.session, work)


def release(call: Call) -> Reply:
    """Gives an order's hold back; whatever became of the promotion."""
    asked = call.asked(ReleaseAsked)
    desk = _desk(call, asked.location_id)
    order, payment = desk.order(asked.order_id), asked.payment_id or ""

    def decide(seen: Standing) -> tuple[Entry, ...]:
        return moves.release(seen, order, payment, desk.here)

    def work() -> Reply:
        found = values_table.move(desk.code, decide, order=order, payment=payment)
        granted = _of_entry(found)
        return told.moved(found, granted, granted, call.now)

    return _answered(desk, asked.session, work)


def give_back(call: Call) -> Reply:
    """Gives back what an order was paid with; whatever became of the promotion."""
    asked = call.asked(GiveBackAsked)
    desk = _desk(call, asked.location_id)
    back = Returned(
        order=desk.order(asked.order_id),
        payment=asked.payment_id or "",
        return_id=asked.return_id,
    )

    def decide(seen: Standing) -> tuple[Entry, ...]:
        return moves.give_back(seen, back, asked.amount_minor, desk.here)

    def work() -> Reply:
        found = values_table.move(
            desk.code, decide, order=back.order, payment=back.payment, cause=back.cause()
        )
        granted = _of_entry(found)
        return told.moved(found, granted, granted, call.now)

    return _answered(desk, asked.session, work)


def look(call: Call) -> Reply:
    """A value with its newest entries."""
    session = call.query.get("session")
    desk = _desk(call, None)
    before = _number(call.query.get("after"))

    def work() -> Reply:
        value = values_table.get(desk.code)
        if value is None:
            raise Absent("value of this code")
        return told.read(value, values_table.entries_of(desk.code), before, call.now)

    return _answered(desk, session, work)


def _answered(desk: _Desk, session: str | None, work: Callable[[], Reply]) -> Reply:
    """A code without value is a guess; whoever guesses on is held up, whatever they name."""
    call = desk.call
    if guard.held_up(call, session):
        raise Throttled("too many codes that there are not", _HELD_UP_S)
    try:
        reply = work()
    except Absent:
        guard.note(call, session, 0, [Refusal(code=desk.code, reason="code_not_found")])
        raise
    except Declined as reason:
        value = values_table.get(desk.code)
        if value is None:
            raise _unsold(reason) from reason
        reply = told.refused(desk.code, value, reason, call.now)
    guard.note(call, session, 1)
    return reply


def _unsold(reason: Declined) -> Absent | Conflict:
    """Why nothing was issued, told apart only where a guesser learns nothing by it."""
    if public(Refusal(code="", reason=reason.reason)) == "code_not_found":
        return Absent("value of this code")
    return Conflict(str(reason))


def _desk(call: Call, location_id: str | None) -> _Desk:
    """Raises Absent for what is no code."""
    raw, caller = call.path["code"], call.caller
    code = canonical(raw) if len(raw) <= LONGEST_NAME else ""
    if not code:
        raise Absent("value of this code")
    days = days_at(_register, caller.platform, caller.account, location_id)
    here = Here(
        at=call.now,
        day=days.day_of(call.now),
        place=f"{caller.platform}/{caller.account}/{location_id or ''}",
        who=caller.id,
    )
    return _Desk(call, code, here)


def _sold_by(desk: _Desk) -> Promotion:
    """The promotion that a code is sold under: the first of a paid class that runs, else the
    first. Raises Absent."""
    known = promotions_of(_register, _register.code(desk.code))
    sold = [each for each in known if each.voucher_class in PAID]
    running = [each for each in sold if each.runs_on(desk.here.day)]
    if not sold:
        raise Absent("value of this code")
    return (running or sold)[0]


def _terms(desk: _Desk, promotion: Promotion, asked: IssueAsked) -> ValueTerms:
    caller = desk.call.caller
    exponent(asked.currency)  # refuses what is no currency
    last = asked.expires_on or promotion.ends_on
    if last > promotion.ends_on:
        raise Invalid("expires_on", f"must be no later than {promotion.ends_on}")
    return ValueTerms(
        code=desk.code,
        promotion_id=promotion.promotion_id,
        voucher_class=promotion.voucher_class,
        currency=asked.currency,
        expires_on=last,
        days=days_at(_register, caller.platform, caller.account, asked.location_id),
    )


def _promotion_of(value: Value) -> Promotion | None:
    return _register.promotion(value.terms.promotion_id)


def _hold_minutes(value: Value | None) -> int:
    promotion = _promotion_of(value) if value else None
    return promotion.hold_minutes if promotion else 0


def _sale(desk: _Desk, asked: SaleAsked) -> Sale:
    if asked.paid_minor > asked.amount_minor:
        raise Invalid("paid_minor", "must be no more than amount_minor")
    return Sale(
        order=desk.order(asked.order_id),
        amount_minor=asked.amount_minor,
        paid_minor=asked.paid_minor,
    )


def _wanted(desk: _Desk, asked: PaymentAsked) -> Asked:
    return Asked(
        order=desk.order(asked.order_id),
        payment=asked.payment_id or "",
        amount_minor=asked.amount_minor,
        partly=asked.partly,
    )


def _of_entry(found: Standing) -> int:
    return found.entry.amount_minor if found.entry else 0


def _held(found: Standing, want: Asked) -> int:
    if found.payment:
        return found.payment.spent_minor
    held = found.value.hold_of(want.order, want.payment) if found.value else None
    return held.amount_minor if held else 0


def _number(text: str | None) -> int | None:
    if text is None:
        return None
    if not (text.isascii() and text.isdecimal() and len(text) <= 9):
        raise Invalid("after", "must be as the page before said it")
    return int(text)
