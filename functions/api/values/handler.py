"""Lambda: issues, holds and spends the value of paid vouchers for shops."""

from vouchsafe.edge import callers
from vouchsafe.flow.serve import serve
from vouchsafe.pure.asking import Route

from . import verbs
from .models import (
    GiveBackAsked,
    IssueAsked,
    MoveTold,
    PaymentAsked,
    ReleaseAsked,
    SaleAsked,
    ValueRead,
)

ROUTES = (
    Route(
        method="GET",
        path="/values/{code}",
        name="readValue",
        summary="What a code is worth, and its newest entries.",
        right="validate",
        handle=verbs.look,
        answers=ValueRead,
        query={"session": "the shopper's", "after": "what the page before said"},
        problems=(404,),
    ),
    Route(
        method="POST",
        path="/values/{code}/issue",
        name="issueValue",
        summary="Gives a code that was sold its value; the same sale again is the same.",
        right="redeem",
        handle=verbs.issue,
        asks=IssueAsked,
        answers=MoveTold,
        problems=(404, 409),
    ),
    Route(
        method="POST",
        path="/values/{code}/top-up",
        name="topUpValue",
        summary="Adds to a value; the same sale again is the same.",
        right="redeem",
        handle=verbs.top_up,
        asks=SaleAsked,
        answers=MoveTold,
        problems=(404, 409),
    ),
    Route(
        method="POST",
        path="/values/{code}/hold",
        name="holdValue",
        summary="Holds an amount for an order; asked again it is the same hold.",
        right="redeem",
        handle=verbs.hold,
        asks=PaymentAsked,
        answers=MoveTold,
        problems=(404, 409),
    ),
    Route(
        method="POST",
        path="/values/{code}/spend",
        name="spendValue",
        summary="Pays for an order, held before or not; asked again it is the same payment.",
        right="redeem",
        handle=verbs.spend,
        asks=PaymentAsked,
        answers=MoveTold,
        problems=(404, 409),
    ),
    Route(
        method="POST",
        path="/values/{code}/release",
        name="releaseValue",
        summary="Gives the order's hold back; what is spent stays.",
        right="redeem",
        handle=verbs.release,
        asks=ReleaseAsked,
        answers=MoveTold,
        problems=(404,),
    ),
    Route(
        method="POST",
        path="/values/{code}/give-back",
        name="giveBackValue",
        summary="Gives back of a payment; the same return again is the same.",
        right="redeem",
        handle=verbs.give_back,
        asks=GiveBackAsked,
        answers=MoveTold,
        problems=(404, 409),
    ),
)
handle = serve("values", ROUTES, callers.shop)
