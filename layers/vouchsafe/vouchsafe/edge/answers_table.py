"""What was answered under an Idempotency-Key, for a day; each API room keeps its own.

The mark goes down before the work, so that of two calls at once one is told to wait. Work that was
cut short leaves a mark that the next call takes over: it is harmless to do it again. The mark says
since when the work is under way, so that it may be known by its name when it comes again.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256

from pynamodb.attributes import BinaryAttribute, NumberAttribute, UnicodeAttribute
from pynamodb.exceptions import PutError, UpdateError
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


@dataclass(frozen=True, slots=True, kw_only=True)
class Mark:
    """A call under its key: since when it is worked, whether it was before, and what it came to."""

    since: datetime
    again: bool = False
    answer: Kept | None = None


class AnswerItem(Model):
    """An answer, or the mark of a call that is under way, beside the room's own items."""

    class Meta:
        table_name = setting("ANSWERS_TABLE")

    pk = UnicodeAttribute(hash_key=True)
    sk = UnicodeAttribute(range_key=True)
    asked = UnicodeAttribute()
    since = UnicodeAttribute(null=True)
    begun_at = UnicodeAttribute()
    gone_at = NumberAttribute()
    answer = BinaryAttribute(legacy_encoding=False, null=True)


def begin(caller: str, operation: str, key: str, asked: bytes, now: datetime) -> Mark:
    """Marks the call; the mark of the one before, if there was one.

    Raises Invalid where the key came with another content, Conflict where the same call is under
    way, Unavailable.
    """
    place, digest = _place(caller, operation, key), sha256(asked).hexdigest()
    item = AnswerItem(
        *place,
        asked=digest,
        since=instant.text(now),
        begun_at=instant.text(now),
        gone_at=_gone_at(now),
    )
    free = AnswerItem.pk.does_not_exist() | (AnswerItem.gone_at <= int(now.timestamp()))
    with translated("answers"):
        try:
            item.save(condition=free, add_version_condition=False)
        except PutError as error:
            if code_of(error) != "ConditionalCheckFailedException":
                raise
            return _standing(place, digest, now)
    return Mark(since=now)


def end(caller: str, operation: str, key: str, kept: Kept, now: datetime) -> None:
    """Keeps the answer. Raises Unavailable: the work is done all the same."""
    packed = pack({"status": kept.status, "headers": kept.headers, "body": kept.body})
    with translated("answers"):
        AnswerItem(*_place(caller, operation, key)).update(
            actions=[
                AnswerItem.answer.set(packed),
                AnswerItem.gone_at.set(_gone_at(now)),
            ],
            condition=AnswerItem.pk.exists(),
            add_version_condition=False,
        )


def lay_down(caller: str, operation: str, key: str) -> None:
    """Lets the next call take the work over at once: this one, for all it knows, did nothing."""
    with translated("answers"):
        AnswerItem(*_place(caller, operation, key)).update(
            actions=[AnswerItem.begun_at.set(instant.text(instant.EPOCH))],
            condition=AnswerItem.pk.exists(),
            add_version_condition=False,
        )


def _standing(place: tuple[str, str], digest: str, now: datetime) -> Mark:
    item = AnswerItem.get(*place, consistent_read=True)
    if item.asked != digest:
        raise Invalid("Idempotency-Key", "was used for another request")
    since = instant.parse(item.since or item.begun_at)
    if item.answer:
        return Mark(since=since, answer=Kept(**unpack(item.answer)))
    if item.begun_at >= instant.text(now - _UNDER_WAY):
        raise _under_way()
    _take_over(item, now)
    return Mark(since=since, again=True)


def _take_over(item: AnswerItem, now: datetime) -> None:
    seen = AnswerItem.begun_at == item.begun_at
    try:
        item.update(
            actions=[
                AnswerItem.begun_at.set(instant.text(now)),
                AnswerItem.gone_at.set(_gone_at(now)),
            ],
            condition=seen & AnswerItem.answer.does_not_exist(),
            add_version_condition=False,
        )
    except UpdateError as error:
        if code_of(error) != "ConditionalCheckFailedException":
            raise
        raise _under_way() from error


def _under_way() -> Conflict:
    return Conflict("the same request is under way: ask again in a moment")


def _gone_at(now: datetime) -> int:
    return int((now + LIFE).timestamp())


def _place(caller: str, operation: str, key: str) -> tuple[str, str]:
    return joined(("answer", caller, operation)), key
