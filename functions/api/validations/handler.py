"""Lambda: what shops ask before a sale, and tell of it afterwards."""

from vouchsafe.edge import callers
from vouchsafe.flow.serve import serve
from vouchsafe.pure.asking import Route

from . import verbs
from .models import BestAsked, CodesAsked, Ended, Nothing, OrderTold, ReturnAsked, VouchersTold

ROUTES = (
    Route(
        method="POST",
        path="/vouchers/validate",
        name="validate",
        summary="What codes would give on an order; nothing is taken.",
        right="validate",
        handle=verbs.validate,
        asks=CodesAsked,
        answers=VouchersTold,
    ),
    Route(
        method="POST",
        path="/vouchers/best",
        name="best",
        summary="The best of the typed codes and of those given to the customer; nothing is taken.",
        right="validate",
        handle=verbs.best,
        asks=BestAsked,
        answers=VouchersTold,
    ),
    Route(
        method="POST",
        path="/vouchers/reserve",
        name="reserve",
        summary="Holds codes for an order; asked again for the same order it is the same hold.",
        right="redeem",
        handle=verbs.reserve,
        asks=CodesAsked,
        answers=VouchersTold,
    ),
    Route(
        method="POST",
        path="/vouchers/redeem",
        name="redeem",
        summary="Uses codes on an order, held before or not; asked again it is the same use.",
        right="redeem",
        handle=verbs.redeem,
        asks=CodesAsked,
        answers=VouchersTold,
    ),
    Route(
        method="GET",
        path="/vouchers/orders/{order_id}",
        name="look",
        summary="An order's codes as they stand.",
        right="redeem",
        handle=verbs.look,
        answers=OrderTold,
    ),
    Route(
        method="POST",
        path="/vouchers/orders/{order_id}/confirm",
        name="confirm",
        summary="The order was served and paid.",
        right="redeem",
        handle=verbs.confirm,
        asks=Nothing,
        answers=OrderTold,
    ),
    Route(
        method="POST",
        path="/vouchers/orders/{order_id}/release",
        name="release",
        summary="Gives the order's holds back; what is redeemed stays.",
        right="redeem",
        handle=verbs.release,
        asks=Nothing,
        answers=OrderTold,
    ),
    Route(
        method="POST",
        path="/vouchers/orders/{order_id}/rollback",
        name="rollback",
        summary="The order was called off as a whole.",
        right="redeem",
        handle=verbs.roll_back,
        asks=Ended,
        answers=OrderTold,
    ),
    Route(
        method="POST",
        path="/vouchers/orders/{order_id}/return",
        name="return",
        summary="Goods of the order came back; their shares of the discount are taken back.",
        right="redeem",
        handle=verbs.give_back,
        asks=ReturnAsked,
        answers=OrderTold,
    ),
)
handle = serve("vouchers", ROUTES, callers.shop)
