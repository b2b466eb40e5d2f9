"""Routes: what is known of one person, and its end."""

from functions.api.register import identities
from functions.api.register import identity_words as words
from vouchsafe.pure.asking import Route

ROUTES = (
    Route(
        method="POST",
        path="/register/identities/look",
        name="lookUpPerson",
        summary="Tells what is known of one person; the audit log tells who looked, and why.",
        right="look_up",
        handle=identities.look,
        asks=words.PersonAsked,
        answers=words.PersonTold,
        keyed=False,
    ),
    Route(
        method="POST",
        path="/register/identities/forget",
        name="forgetPerson",
        summary="Takes a person out of everything that is kept, within minutes.",
        right="administer",
        handle=identities.forget,
        asks=words.PersonAsked,
        answers=words.ErasureTold,
        status=202,
        keyed=False,
    ),
)
