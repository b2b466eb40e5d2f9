"""What shops are told: claims and refusals as bodies."""

from collections.abc import Iterable

from vouchsafe.pure.cart import Cart
from vouchsafe.pure.claim import Claim
from vouchsafe.pure.fraud import Fraud
from vouchsafe.pure.offer import Offer, Refusal, public
from vouchsafe.pure.standing import Measure, explained

from .models import (
    FraudPartTold,
    FraudTold,
    MeasureTold,
    OfferTold,
    OrderTold,
    RefusalTold,
    ShareTold,
    VouchersTold,
    VoucherTold,
)
from .taking import Outcome


def order_told(order_id: str, claims: Iterable[Claim]) -> OrderTold:
    """All codes of an order as they stand."""
    return OrderTold(order_id=order_id, vouchers=tuple(map(_voucher, claims)))


def answer(cart: Cart, outcome: Outcome) -> VouchersTold:
    """What the codes give together, and why the others do not."""
    offers = tuple(_offer(claim, claim.offer) for claim in outcome.claims if claim.offer)
    refused = tuple(map(_refusal, outcome.refusals))
    return VouchersTold(
        order_id=cart.order_id,
        outcome="none" if not offers else "some" if refused else "all",
        currency=cart.currency,
        discount_minor=sum(each.discount_minor for each in offers),
        waived_minor=sum(each.waived_minor for each in offers),
        offers=offers,
        refusals=refused,
        arithmetic=outcome.arithmetic,
        measures=_measures(outcome.measures) or None,
        fraud=_fraud(outcome.fraud) if outcome.fraud and outcome.fraud.score else None,
    )


def _measures(measures: Iterable[Measure]) -> tuple[MeasureTold, ...]:
    """Each once: a customer who is known in two ways has two standings alike. What a person wrote
    of a customer stays in the control room."""
    found = [
        MeasureTold(
            step=each.step,
            until=each.until,
            why=explained(each) if each.rule else "It was imposed by hand.",
        )
        for each in measures
    ]
    return tuple({(each.step, each.until, each.why): each for each in found}.values())


def _fraud(found: Fraud) -> FraudTold:
    parts = tuple(
        FraudPartTold(signal=each.signal, points=each.points, weight=each.weight, says=each.says)
        for each in found.parts
    )
    return FraudTold(score=found.score, parts=parts)


def _voucher(claim: Claim) -> VoucherTold:
    return VoucherTold(
        code=claim.code,
        promotion_id=claim.promotion_id,
        state=claim.state,
        discount_minor=claim.discount_minor,
        returned_minor=claim.returned_minor,
        until=claim.until,
        because=claim.because or None,
    )


def _offer(claim: Claim, offer: Offer) -> OfferTold:
    """A claim that was only looked at has no version, and no state yet."""
    is_taken = claim.version > 0
    return OfferTold(
        code=claim.code,
        promotion_id=claim.promotion_id,
        discount_minor=offer.discount_minor,
        waived_minor=offer.waived_minor,
        allocation=tuple(
            ShareTold(line_id=line, discount_minor=minor) for line, minor in offer.allocation
        ),
        arithmetic=offer.arithmetic,
        state=claim.state if is_taken else None,
        until=claim.until if is_taken else None,
    )


def _refusal(refusal: Refusal) -> RefusalTold:
    """As a shopper may hear it: the details of what nobody should know of stay here."""
    reason = public(refusal)
    if reason == "code_not_found":
        return RefusalTold(code=refusal.code, reason=reason)
    return RefusalTold(
        code=refusal.code,
        reason=reason,
        term=refusal.term or None,
        detail=refusal.detail or None,
    )
