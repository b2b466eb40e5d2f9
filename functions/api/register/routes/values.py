"""Routes: the value of paid vouchers."""

from functions.api.register import value_words, values
from functions.api.register.parameters import PAGE
from vouchsafe.pure.asking import Route

ROUTES = (
    Route(
        method="GET",
        path="/register/values",
        name="listValues",
        summary="Lists a promotion's values of which something is left; the log tells who asked.",
        right="draft",
        handle=values.outstanding,
        answers=value_words.ValuesTold,
        query={"promotion_id": "whose values", **PAGE},
    ),
    Route(
        method="GET",
        path="/register/values/{code}",
        name="lookAtValue",
        summary="Reads a value with its entries, the newest first.",
        right="read",
        handle=values.one,
        answers=value_words.ValueTold,
        query=PAGE,
        problems=(404,),
    ),
    Route(
        method="POST",
        path="/register/values/{code}/withdraw",
        name="withdrawValue",
        summary="Takes value away from a code by hand.",
        right="approve",
        handle=values.withdraw,
        asks=value_words.WithdrawAsked,
        answers=value_words.ValueTold,
        problems=(404, 409),
    ),
)
