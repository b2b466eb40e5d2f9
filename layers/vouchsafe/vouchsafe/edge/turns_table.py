"""Whose turn it is to call a vendor: one count for each account and running span of time.

Every road to a vendor shares an account's limit, in as many Lambdas as run at once: so each call
takes a turn here first. Written by sources that call.
"""

import time
from math import ceil, floor

from pynamodb.attributes import NumberAttribute, UnicodeAttribute
from pynamodb.models import Model

from vouchsafe.edge.outage import translated
from vouchsafe.edge.settings import setting
from vouchsafe.pure.errors import Throttled
from vouchsafe.pure.facts import joined

_LONGEST_WAIT_S = 20.0
_LIFE_S = 3600


class TurnItem(Model):
    """The turns taken in one span; time to live takes it away."""

    class Meta:
        table_name = setting("TURNS_TABLE")

    pk = UnicodeAttribute(hash_key=True)
    sk = NumberAttribute(range_key=True)
    taken = NumberAttribute(default=0)
    gone_at = NumberAttribute()


def take(platform: str, account: str, calls_a_second: float) -> None:
    """Returns when the account may be called. Raises Throttled where that takes too long, so that
    the work waits on its queue and not in a Lambda; Unavailable."""
    span_s, most = _limit(calls_a_second)
    until = time.time() + _LONGEST_WAIT_S
    while True:
        now = time.time()
        began = int(now // span_s * span_s)
        if _taken(joined((platform, account)), began) <= most:
            return
        wait_s = began + span_s - now
        if now + wait_s > until:
            raise Throttled(f"{platform} is called as often as it allows", wait_s)
        time.sleep(wait_s)


def _limit(calls_a_second: float) -> tuple[int, int]:
    """(seconds, calls in them): whole numbers that never exceed the rate."""
    if calls_a_second >= 1:
        return 1, floor(calls_a_second)
    return ceil(1 / calls_a_second), 1


def _taken(account: str, began: int) -> int:
    """The turns taken in the span, this one included."""
    item = TurnItem(account, began)
    with translated("turns"):
        item.update(
            actions=[
                TurnItem.taken.add(1),
                TurnItem.gone_at.set(began + _LIFE_S),
            ],
            add_version_condition=False,
        )
    return int(item.taken)
