"""Uses of limited codes, forwarded to where limits are kept: a till asks nobody, and counts too."""

from collections.abc import Iterable

from vouchsafe.edge import queue
from vouchsafe.edge.settings import setting
from vouchsafe.pure.limit import is_limited
from vouchsafe.pure.register import Register, promotions_of

from .change import Change


def concerns(change: Change, register: Register) -> bool:
    """Whether the code has limits or a budget, under any of its promotions."""
    code = register.code(change.redemption().code)
    return any(is_limited(each) for each in promotions_of(register, code))


def forward(changes: Iterable[Change]) -> None:
    """Names the redemptions, each once: what they are is read when they are counted. Raises
    Unavailable."""
    changed = [change.redemption() for change in changes]
    names = dict.fromkeys((each.key.text(), each.item_id()) for each in changed)
    bodies = [{"order": order, "item": item} for order, item in names]
    queue.send(setting("USES_QUEUE_URL"), bodies)
