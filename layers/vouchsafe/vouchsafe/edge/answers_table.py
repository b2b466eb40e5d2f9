"""What was answered under an Idempotency-Key, for a day; each API room keeps its own.

The mark goes down before the work, so that of two calls at once one is told to wait. Work that was
cut short leaves a mark that the next call takes over: it is harmless to do it again.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256

from pynamodb.attributes import BinaryAttribute, NumberAttribute, UnicodeAttribute
from pynamodb.exceptions import PutError
from pynamodb.models import Model

from vouchsafe.edge.item import pack, unpack
from vouchsafe.edge.outage import code_of, translated
from vouchsafe.edge.settings import setting
from vouchsafe.pure import instant
from vouchsafe.pure.errors import Conflict, Invalid
from vouchsafe.pure.facts import joined

LONGEST_KEY = 255
LIFE = timedelta(hours=24)
# No call takes longer: API Gateway waits 30 seconds.
_UNDER_WAY = timedelta(seconds=30)


@dataclass(frozen=True, slots=True, kw_only=True)
class Kept:
    """An answer as it was given: status, headers, text."""

    status: int
    headers: dict[str, str]
    body: str


class AnswerItem(Model):
    """An answer, or the mark of a call that is under way, beside the room's own items."""

    class Meta:
        table_name = setting("ANSWERS_TABLE")

    pk = UnicodeAttribute(hash_key=True)
    sk = UnicodeAttribute(range_key=True)
    asked = UnicodeAttribute()
    begun_at = UnicodeAttribute()
    gone_at = NumberAttribute()
    answer = BinaryAttribute(legacy_encoding=False, null=True)


def begin(caller: str, operation: str, key: str, asked: bytes, now: datetime) -> Kept | None:
    """Marks the call; what was answered to it before, if it was.

    Raises Invalid where the key came with another content, Conflict where the same call is under
    way, Unavailable.
    """
    place, digest = _place(caller, operation, key), sha256(asked).hexdigest()
    item = AnswerItem(
        *place,
        asked=digest,
        begun_at=instant.text(now),
        gone_at=int((now + LIFE).timestamp()),
    )
    free = AnswerItem.pk.does_not_exist() | (AnswerItem.gone_at <= int(now.timestamp()))
    stale = AnswerItem.begun_at < instant.text(now - _UNDER_WAY)
    cut_short = (AnswerItem.asked == digest) & AnswerItem.answer.does_not_exist() & stale
    with translated("answers"):
        try:
            item.save(condition=free | cut_short, add_version_condition=False)
        except PutError as error:
            if code_of(error) != "ConditionalCheckFailedException":
                raise
            return _standing(place, digest)
    return None


def end(caller: str, operation: str, key: str, kept: Kept, now: datetime) -> None:
    """Keeps the answer. Raises Unavailable: the work is done all the same."""
    packed = pack({"status": kept.status, "headers": kept.headers, "body": kept.body})
    with translated("answers"):
        AnswerItem(*_place(caller, operation, key)).update(
            actions=[
                AnswerItem.answer.set(packed),
                AnswerItem.gone_at.set(int((now + LIFE).timestamp())),
            ],
            condition=AnswerItem.pk.exists(),
            add_version_condition=False,
        )


def drop(caller: str, operation: str, key: str) -> None:
    """Takes the mark of a call away that came to nothing, so that it may come again."""
    with translated("answers"):
        AnswerItem(*_place(caller, operation, key)).delete(add_version_condition=False)


def _standing(place: tuple[str, str], digest: str) -> Kept | None:
    item = AnswerItem.get(*place, consistent_read=True)
    if item.asked != digest:
        raise Invalid("Idempotency-Key", "was used for another request")
    if item.answer is None:
        raise Conflict("the same request is under way: ask again in a moment")
    return Kept(**unpack(item.answer))


def _place(caller: str, operation: str, key: str) -> tuple[str, str]:
    return joined(("answer", caller, operation)), key
