"""What each call does: the steps between a body and its answer."""

from collections.abc import Iterable, Sequence
from datetime import datetime

from vouchsafe.edge import secrets, uses_table
from vouchsafe.edge.register_table import RegisterReader
from vouchsafe.flow import guard
from vouchsafe.pure.asking import Call, Reply
from vouchsafe.pure.cart import Cart
from vouchsafe.pure.claim import Claim
from vouchsafe.pure.codes import canonical
from vouchsafe.pure.errors import Absent, Conflict
from vouchsafe.pure.facts import OrderKey
from vouchsafe.pure.offer import Reason, Refusal
from vouchsafe.pure.redemption import State

from . import conduct, holds, telling
from .asked import cart_of
from .known import Ledger
from .models import LONGEST_NAME, MOST_CODES, BestAsked, CodesAsked, Ended, ReturnAsked
from .stock import counted
from .taking import Outcome, Question, Wanted, codes_of, taken, would_give
from .told import answer, order_told

_register = RegisterReader()


def validate(call: Call) -> Reply:
    """What the codes would give; nothing is taken."""
    asked = call.asked(CodesAsked)
    return _looked_at(call, asked.codes, asked, "redeemed")


def best(call: Call) -> Reply:
    """The best of the typed codes and of those that were given to this customer."""
    asked = call.asked(BestAsked)
    cart = cart_of(call, asked.order, secrets.identify())
    raws = codes_of(asked.codes, Ledger(cart).given(cart.customer))
    return _looked_at(call, raws[:MOST_CODES], asked, "redeemed")


def reserve(call: Call) -> Reply:
    """Holds the codes for the order, for as long as their promotions say."""
    return _taken(call, call.asked(CodesAsked), "reserved")


def redeem(call: Call) -> Reply:
    """Uses the codes on the order, held before or not."""
    return _taken(call, call.asked(CodesAsked), "redeemed")


def confirm(call: Call) -> Reply:
    """The order was served and paid."""
    key = _key(call)
    order = telling.standing(key)
    if order.reversed_at is not None:
        raise Conflict("the order was rolled back")
    after = order.model_copy(update={"confirmed_at": order.confirmed_at or call.now})
    _moved(key, ("redeemed",), "confirmed", call.now)
    telling.told(key, order, after, call.now)
    return _order(key)


def release(call: Call) -> Reply:
    """Gives the order's holds back; what is redeemed stays."""
    key = _key(call)
    _moved(key, ("reserved",), "released", call.now)
    return _order(key)


def roll_back(call: Call) -> Reply:
    """The order was called off as a whole."""
    key, because = _key(call), call.asked(Ended).because
    order = telling.standing(key)
    after = order.model_copy(
        update={
            "confirmed_at": None,
            "reversed_at": order.reversed_at or call.now,
            "reversed_because": order.reversed_because or because,
        }
    )
    ending: tuple[State, ...] = ("redeemed", "confirmed", "partially_returned")
    for claim in _standing(key, ending):
        holds.ask_ledger(claim)  # before it ends, so that a crash between the two loses nothing
    _moved(key, ending, "rolled_back", call.now, because)
    conduct.rolled_back(order.customer, _standing(key, ("rolled_back",)), call.now)
    telling.told(key, order, after, call.now)
    return _order(key)


def give_back(call: Call) -> Reply:
    """Goods of the order came back."""
    key, asked = _key(call), call.asked(ReturnAsked)
    order = telling.standing(key)
    if order.confirmed_at is None:
        raise Conflict("the order is not confirmed: roll it back instead")
    after = telling.told(key, order, telling.with_return(order, asked, call.now), call.now)
    for claim in uses_table.of_order(key.text()):
        back = telling.shares_back(after, claim)
        if claim.state in ("confirmed", "partially_returned") and back:
            uses_table.move(claim.order, claim.code, "partially_returned", call.now, returned=back)
    conduct.rolled_back(order.customer, _standing(key, ("rolled_back",)), call.now)
    return _order(key)


def look(call: Call) -> Reply:
    """The order's codes as they stand."""
    return _order(_key(call))


def _looked_at(
    call: Call, raws: Sequence[str], asked: CodesAsked | BestAsked, wanted: Wanted
) -> Reply:
    reason = guard.held_up(call, asked.session)
    cart = cart_of(call, asked.order, secrets.identify())
    if reason:
        return Reply(body=answer(cart, _held_up(raws, reason)))
    question = _question(call, cart, raws, wanted)
    outcome = conduct.considered(question, would_give, takes=False)
    guard.note(call, asked.session, len(outcome.claims), outcome.refusals)
    return Reply(body=answer(cart, outcome))


def _taken(call: Call, asked: CodesAsked, wanted: Wanted) -> Reply:
    reason = guard.held_up(call, asked.session)
    cart = cart_of(call, asked.order, secrets.identify())
    if reason:
        return Reply(body=answer(cart, _held_up(asked.codes, reason)))
    question = _question(call, cart, asked.codes, wanted)
    outcome = conduct.considered(question, taken, takes=True)
    guard.note(call, asked.session, len(outcome.claims), outcome.refusals)
    key = _key_of(cart)
    if wanted == "reserved":
        for claim in outcome.claims:
            holds.watch(claim, call.now)
    elif outcome.claims and cart.platform == telling.PLATFORM:
        claims = [each for each in uses_table.of_order(key.text()) if _is_used(each)]
        telling.redeemed(key, cart, claims, call.now)
    return Reply(body=answer(cart, outcome))


def _question(call: Call, cart: Cart, raws: Iterable[str], wanted: Wanted) -> Question:
    asked = tuple(raws)
    return Question(
        cart=counted(cart, asked, _register, call.now),
        raws=asked,
        register=_register,
        known=Ledger(cart),
        now=call.now,
        wanted=wanted,
    )


def _held_up(raws: Iterable[str], reason: Reason) -> Outcome:
    refusals = tuple(Refusal(code=canonical(raw), reason=reason) for raw in raws)
    return Outcome(claims=(), refusals=refusals, arithmetic=())


def _moved(
    key: OrderKey, from_states: Sequence[State], state: State, now: datetime, because: str = ""
) -> None:
    for claim in _standing(key, from_states):
        uses_table.move(claim.order, claim.code, state, now, because=because)


def _standing(key: OrderKey, states: Sequence[State]) -> list[Claim]:
    return [each for each in uses_table.of_order(key.text()) if each.state in states]


def _is_used(claim: Claim) -> bool:
    return claim.state in ("redeemed", "confirmed", "partially_returned")


def _key(call: Call) -> OrderKey:
    caller, order_id = call.caller, call.path["order_id"]
    if len(order_id) > LONGEST_NAME:
        raise Absent("such order")
    return OrderKey(platform=caller.platform, account=caller.account, order_id=order_id)


def _key_of(cart: Cart) -> OrderKey:
    return OrderKey(platform=cart.platform, account=cart.account, order_id=cart.order_id)


def _order(key: OrderKey) -> Reply:
    return Reply(body=order_told(key.order_id, uses_table.of_order(key.text())))
