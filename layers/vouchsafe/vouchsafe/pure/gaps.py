"""What a sweep found that no webhook had brought, and why it thinks so."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

from vouchsafe.pure.facts import Fact, OrderSaid, PaymentSaid, RefundSaid
from vouchsafe.pure.hearing import Saying
from vouchsafe.pure.pull import Subscription

# switched_off: the vendor had not, or no more, our wish to hear of an event.
# outage: nothing at all came between the first and the last that is missing.
# lost: others came meanwhile, these did not.
Why = Literal["switched_off", "outage", "lost"]

# Whether a platform's webhooks tell of such a fact: what they leave out, they did not lose.
Announced = Callable[[Fact], bool]

# A webhook may still be under way when a sweep sees its order: vendors repeat within minutes.
STILL_UNDER_WAY = timedelta(minutes=5)
_FEWEST_OF_AN_OUTAGE = 3
_SHOWN_ORDERS = 50


@dataclass(frozen=True, slots=True, kw_only=True)
class Listed:
    """One document of a listing: which order, when the platform last changed it, and whether it
    told us anything new."""

    order: str
    said_at: datetime
    new: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Gap:
    """What one sweep of an account found missing. `listed` is how many documents webhooks should
    have brought, `orders` names at most fifty of those missed; `subscriptions` those that were not
    on, with what became of them."""

    platform: str
    account: str
    since: datetime
    until: datetime
    listed: int
    missed: int
    why: Why
    orders: tuple[str, ...]
    subscriptions: tuple[Subscription, ...] = ()


def everything(_: Fact) -> bool:
    """What most platforms announce."""
    return True


def listed(sayings: Sequence[Saying], new: int, announced: Announced = everything) -> Listed | None:
    """What a document of a listing was; None where it tells of no order, or of something that no
    webhook brings. One of which any part comes by itself is no proof of a loss."""
    facts = [each for each in sayings if isinstance(each, Fact)]
    instants = [at for each in facts for at in _instants(each)]
    if not instants or not all(announced(each) for each in facts):
        return None
    return Listed(order=facts[0].order.text(), said_at=max(instants), new=new > 0)


def gap_of(
    platform: str,
    account: str,
    seen: Sequence[Listed],
    subscriptions: Iterable[Subscription],
    now: datetime,
) -> Gap | None:
    """The gap in a listing; None where webhooks brought everything that had time to come, and
    the vendor has all our wishes."""
    missed = [each for each in seen if each.new and each.said_at <= now - STILL_UNDER_WAY]
    off = tuple(each for each in subscriptions if each.state != "on")
    if not missed and not off:
        return None
    said = [each.said_at for each in missed] or [now]
    since, until = min(said), max(said)
    return Gap(
        platform=platform,
        account=account,
        since=since,
        until=until,
        listed=len(seen),
        missed=len(missed),
        why=_why(seen, missed, since, until, off),
        orders=tuple(sorted({each.order for each in missed}))[:_SHOWN_ORDERS],
        subscriptions=off,
    )


def _why(
    seen: Sequence[Listed],
    missed: Sequence[Listed],
    since: datetime,
    until: datetime,
    off: Sequence[Subscription],
) -> Why:
    if off:
        return "switched_off"
    came = any(since <= each.said_at <= until and not each.new for each in seen)
    return "lost" if came or len(missed) < _FEWEST_OF_AN_OUTAGE else "outage"


def _instants(fact: Fact) -> Iterable[datetime]:
    if isinstance(fact.body, OrderSaid):
        yield fact.body.updated_at
    elif isinstance(fact.body, RefundSaid):
        yield fact.body.refunded_at
    elif isinstance(fact.body, PaymentSaid):
        yield fact.body.paid_at
