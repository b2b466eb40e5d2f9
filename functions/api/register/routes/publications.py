"""Routes: codes that were given out, to whom or where."""

from functions.api.register import publication_words as words
from functions.api.register import publishing
from functions.api.register.parameters import PAGE
from vouchsafe.pure.asking import Route

_ONE = "/register/publications/{promotion_id}/{publication_id}"

ROUTES = (
    Route(
        method="POST",
        path="/register/publications",
        name="givePublications",
        summary="Tells that codes were given to people or put up in a channel.",
        right="draft",
        handle=publishing.give,
        asks=words.PublicationsAsked,
        answers=words.PublishedTold,
        status=201,
    ),
    Route(
        method="GET",
        path="/register/publications",
        name="listPublications",
        summary="Lists what was given out, by time.",
        right="read",
        handle=publishing.every,
        answers=words.PublicationsTold,
        query={
            **PAGE,
            "promotion_id": "of this promotion, or",
            "code": "of this code",
            "from": "the first instant, with its offset",
            "to": "the instant to end before",
        },
    ),
    Route(
        method="GET",
        path=_ONE,
        name="readPublication",
        summary="Reads a publication, withdrawn or not.",
        right="read",
        handle=publishing.one,
        answers=words.PublicationTold,
    ),
    Route(
        method="POST",
        path=f"{_ONE}/withdraw",
        name="withdrawPublication",
        summary="Takes back what was told by mistake: it never was given out.",
        right="draft",
        handle=publishing.withdraw,
        asks=words.WithdrawAsked,
        answers=words.PublicationTold,
    ),
)
