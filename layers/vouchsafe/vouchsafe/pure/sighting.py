"""A sighting: what a front end's analytics say that a browser did. Proof of nothing, and no fact.

Anybody can send such events with a page's public id: sightings stand against redemptions, and
never become any.
"""

from dataclasses import dataclass
from datetime import date
from typing import Literal

# applied: a code was accepted at the checkout. purchased, refunded: an order was reported.
SightingKind = Literal["applied", "purchased", "refunded"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Sighting:
    """One event of a front end, `platform` and `account` being the front end's own.

    `day` is a day in the property's zone. `sighting_id` tells events apart that say the same: the
    page that was loaded twice. `codes` are canonical, in the order of their first naming, and may
    be empty: an order was reported, and no code with it. `transaction_id` is the shop's order id;
    empty for what was applied. `times` counts events where only their number is told. The amount is
    in minor units of `currency`; None where it is not told.
    """

    platform: str
    account: str
    day: date
    kind: SightingKind
    sighting_id: str
    codes: tuple[str, ...] = ()
    transaction_id: str = ""
    times: int = 1
    amount_minor: int | None = None
    currency: str | None = None
