"""What webhooks left out: found by a sweep, kept with its reason, told once a day."""

from collections.abc import Sequence
from datetime import datetime

from vouchsafe.edge import clock, cursors_table, journal, topic
from vouchsafe.edge.settings import setting
from vouchsafe.pure import codec
from vouchsafe.pure.connection import Connection
from vouchsafe.pure.errors import Refused, Unavailable
from vouchsafe.pure.facts import joined
from vouchsafe.pure.gaps import Gap, Listed, gap_of
from vouchsafe.pure.happening import Happening
from vouchsafe.pure.pull import CheckSubscriptions, Send, Subscription

# As many of an account's last gaps are looked at for one that nobody was told of yet.
_LOOKED_BACK = 10


def look(
    connection: Connection,
    send: Send,
    check: CheckSubscriptions | None,
    seen: Sequence[Listed],
    line: journal.Line,
) -> None:
    """Keeps the gap in what was listed, if there is one, and tells of it. Raises Unavailable.

    One that could not be told of is told by a later sweep.
    """
    wishes = _checked(connection, send, check, line)
    now = clock.now()
    gap = gap_of(connection.platform, connection.account, seen, wishes, now)
    if gap is not None:
        cursors_table.put_gap(gap, now)
        line.count("gap", gap.missed)
        line.note(why=gap.why)
    for at, found, told in cursors_table.gaps(
        connection.platform, connection.account, _LOOKED_BACK
    ):
        if not told:
            topic.publish(_happening(found, at))
            cursors_table.put_gap(found, at, told=True)


def _checked(
    connection: Connection, send: Send, check: CheckSubscriptions | None, line: journal.Line
) -> tuple[Subscription, ...]:
    """What stands at the vendor. Who may not look there is no reason to leave a sweep undone."""
    if check is None or not connection.notification_url:
        return ()
    try:
        wishes = check(send, connection)
    except (Refused, Unavailable) as reason:
        line.count("subscriptions_unseen")
        line.note(subscriptions=str(reason))
        return ()
    line.count("subscriptions_mended", sum(each.state == "made_again" for each in wishes))
    line.count("subscriptions_off", sum(each.state in ("off", "missing") for each in wishes))
    return wishes


def _happening(gap: Gap, at: datetime) -> Happening:
    """One a day for each account and reason: what goes on all day is told once."""
    parts = ("gap", gap.platform, gap.account, f"{at:%Y-%m-%d}", gap.why)
    return Happening(
        happening="GapFound",
        id=joined(parts),
        at=at,
        stack=setting("STACK_NAME"),
        subject=codec.plain(gap),
    )
