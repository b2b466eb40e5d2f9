"""The answer to a code: what it takes off an order, line by line, or why it takes off nothing."""

from dataclasses import dataclass
from typing import Literal, get_args

Reason = Literal[
    "code_not_found",
    "code_disabled",
    "expired",
    "not_yet_active",
    "identity_required",
    "not_holder",
    "terms_not_met",
    "no_effect",
    "reservation_required",
    "usage_limit_reached",
    "customer_limit_reached",
    "budget_exhausted",
    "not_combinable",
    "better_offer_applied",
    "rate_limited",
    "step_up_required",
]
# The order in which reasons are looked for: of several that hold, the first is the answer.
PRECEDENCE: tuple[Reason, ...] = get_args(Reason)

# Told apart, these would tell a guesser which codes there are (lessons.md 24).
_ONE_AND_THE_SAME: frozenset[Reason] = frozenset({"code_disabled", "not_holder"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Offer:
    """What a code gives on a cart, in minor units of the cart's currency; frozen once taken.

    `code` is canonical. `allocation` is the share of each line, by line id, and adds up to
    `discount_minor` exactly; lines without a share are left out. `in_kind` gives what has no
    amount on the bill: `waived_minor` of shipping. `terms_revision` is the register's revision
    that it was judged by. `arithmetic` says each step in words.
    """

    code: str
    promotion_id: str
    terms_revision: int
    discount_minor: int
    allocation: tuple[tuple[str, int], ...]
    in_kind: bool = False
    waived_minor: int = 0
    arithmetic: tuple[str, ...] = ()

    def worth_minor(self) -> int:
        """What the customer saves: the discount, and shipping that is not charged."""
        return self.discount_minor + self.waived_minor


@dataclass(frozen=True, slots=True, kw_only=True)
class Refusal:
    """Why a code gives nothing. `code` is canonical; `detail` is for people who may see terms."""

    code: str
    reason: Reason
    term: str = ""
    detail: str = ""


def public(refusal: Refusal) -> Reason:
    """The reason as a shopper may hear it."""
    return "code_not_found" if refusal.reason in _ONE_AND_THE_SAME else refusal.reason
