"""Routes: the keys of shops."""

from functions.api.register import key_words, shops
from vouchsafe.pure.asking import Route

ROUTES = (
    Route(
        method="GET",
        path="/register/keys",
        name="listKeys",
        summary="Lists shops' keys, never their text.",
        right="administer",
        handle=shops.every,
        answers=key_words.KeysTold,
    ),
    Route(
        method="POST",
        path="/register/keys",
        name="makeKey",
        summary="Makes a key for a shop; its text is told this once.",
        right="administer",
        handle=shops.make,
        asks=key_words.KeyAsked,
        answers=key_words.KeyTold,
        status=201,
    ),
    Route(
        method="DELETE",
        path="/register/keys/{key_id}",
        name="endKey",
        summary="Ends a key; within half a minute nobody comes in by it.",
        right="administer",
        handle=shops.end,
        answers=key_words.KeyTold,
    ),
)
