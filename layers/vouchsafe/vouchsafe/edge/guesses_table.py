"""How often somebody named codes that there are not, by session and by key, for ten minutes."""

from datetime import datetime, timedelta

from pynamodb.attributes import NumberAttribute, UnicodeAttribute
from pynamodb.models import Model

from vouchsafe.edge.outage import translated
from vouchsafe.edge.settings import setting
from vouchsafe.pure.facts import joined

_WINDOW = timedelta(minutes=10)


class GuessItem(Model):
    """The misses of one window, beside the claims."""

    class Meta:
        table_name = setting("USES_TABLE")

    pk = UnicodeAttribute(hash_key=True)
    sk = UnicodeAttribute(range_key=True)
    misses = NumberAttribute(null=True)
    gone_at = NumberAttribute(null=True)


def misses(caller: str, session: str, now: datetime) -> int:
    """How many there were in this window."""
    with translated("guesses"):
        try:
            return int(GuessItem.get(*_place(caller, session, now)).misses or 0)
        except GuessItem.DoesNotExist:
            return 0


def missed(caller: str, session: str, count: int, now: datetime) -> None:
    """Adds to them."""
    with translated("guesses"):
        GuessItem(*_place(caller, session, now)).update(
            actions=[
                GuessItem.misses.add(count),
                GuessItem.gone_at.set(int((now + 2 * _WINDOW).timestamp())),
            ],
            add_version_condition=False,
        )


def _place(caller: str, session: str, now: datetime) -> tuple[str, str]:
    window = int(now.timestamp() // _WINDOW.total_seconds())
    return joined(("guess", caller, session)), f"{window:012d}"
