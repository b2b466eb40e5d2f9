"""What the control room answers about time: what ends unused."""

from collections.abc import Mapping
from datetime import date

from vouchsafe.pure.asking import Said
from vouchsafe.pure.expiring import Doing

from .words import PromotionHead


class CodesCounted(Said):
    """Codes that orders have drawn; `used` where each is good for one use and the promotion's uses
    are limited, and so counted."""

    drawn: int
    used: int | None
    left: int | None


class CouldTold(Said):
    """What could be done, and the rows that a proposal would say it with."""

    do: Doing
    says: str
    rows: Mapping[str, list[Mapping[str, str]]] | None


class EndingTold(PromotionHead):
    """A promotion that ends with something left: shares of its window and of what is fullest."""

    campaign_id: str
    channel: str
    ends_on: date
    days_left: int
    share_passed: float
    share_used: float | None
    codes: CodesCounted
    could: list[CouldTold]


class ExpiringTold(Said):
    """A page, the first to end first; `after` asks for the next one. `campaigns_left_out` is above
    0 where so many run that not all were looked at."""

    promotions: list[EndingTold]
    after: str | None
    campaigns_left_out: int
    register_revision: int
