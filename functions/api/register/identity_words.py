"""What the control room is asked and answers of people; who it is stands in no answer."""

from typing import Annotated

from pydantic import Field

from vouchsafe.pure.asking import Said
from vouchsafe.pure.redemption import State
from vouchsafe.pure.touchpoint import TouchKind

from .policy_words import StandingTold
from .segment_words import Person
from .words import At, Why

Identities = Annotated[tuple[Person, ...], Field(min_length=1, max_length=10)]


class PersonAsked(Said):
    """One person by all identities, `email:ann@example.com`, and why it is asked."""

    identities: Identities
    why: Why


class SpentTold(Said):
    """What was paid and not given back, in minor units."""

    currency: str
    minor: int


class OrdersTold(Said):
    """The person's orders. `spent` is of confirmed ones."""

    count: int
    confirmed: int
    spent: list[SpentTold]
    first_at: At | None
    last_at: At | None


class UsedTold(Said):
    """A code on an order of the person."""

    code: str
    order: str
    state: State
    redeemed_at: At
    currency: str
    discount_minor: int
    returned_minor: int


class TouchTold(Said):
    """A contact with the person."""

    kind: TouchKind
    seen_at: At
    channel: str
    campaign_id: str | None
    code: str | None


class PersonTold(Said):
    """What is known under those identities, the newest first. Of orders, redemptions and contacts
    the newest hundred of each identity are looked at; `more` says that there are others."""

    orders: OrdersTold
    redemptions: list[UsedTold]
    codes_given: list[str]
    touchpoints: list[TouchTold]
    segments: list[str]
    standings: list[StandingTold]
    more: bool


class ErasureTold(Said):
    """A wish to be forgotten that is carried out within minutes; the audit log knows it by its
    id."""

    erasure_id: str
    identities: int
