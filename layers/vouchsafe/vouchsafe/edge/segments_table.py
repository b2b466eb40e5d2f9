"""Who is on the segments' lists, as identity keys, and how many end on which day.

Sizes move in the transaction that adds or takes out members, so that they are exact at any time:
one counter for those without an end, and one for each last day.
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta

from pynamodb.attributes import NumberAttribute, UnicodeAttribute
from pynamodb.connection import Connection
from pynamodb.expressions.update import Action
from pynamodb.indexes import GlobalSecondaryIndex, KeysOnlyProjection
from pynamodb.models import Model
from pynamodb.transactions import TransactWrite

from vouchsafe.edge.outage import translated
from vouchsafe.edge.settings import setting
from vouchsafe.pure.facts import joined, parted

# A transaction holds a hundred items: each member, a counter for each, and an entry of the log.
MOST_AT_ONCE = 45
_MEMBERS = "member"
# Behind every day, so that those without an end are counted on each.
_EVER = "ever"
_KEPT_AFTER = timedelta(days=30)


class ByMember(GlobalSecondaryIndex["MemberItem"]):
    """By identity key: in which segments somebody is."""

    class Meta:
        index_name = "by_member"
        projection = KeysOnlyProjection()

    sk = UnicodeAttribute(hash_key=True)
    pk = UnicodeAttribute(range_key=True)


class MemberItem(Model):
    """A member with the last day, or `ever`; or under a segment's sizes how many end on a day."""

    class Meta:
        table_name = setting("SEGMENTS_TABLE")

    pk = UnicodeAttribute(hash_key=True)
    sk = UnicodeAttribute(range_key=True)
    by_member = ByMember()
    until = UnicodeAttribute(null=True)
    members = NumberAttribute(null=True)
    gone_at = NumberAttribute(null=True)


@dataclass(frozen=True, slots=True)
class Move:
    """A member's last day as it stood and will stand; None where there is no member."""

    key: str = field(repr=False)
    before: str | None
    after: str | None


@dataclass(frozen=True, slots=True)
class Change:
    """What changes on a segment's list, not yet written."""

    segment_id: str
    moves: tuple[Move, ...]


def is_listed(segment_id: str, keys: Iterable[str], day: date) -> bool:
    """Whether any of the keys is on the list on that day."""
    places = [(_list(segment_id), key) for key in dict.fromkeys(keys)]
    with translated("segments"):
        found = MemberItem.batch_get(places)
        return any(item.until >= day.isoformat() for item in found)


def lists_of(key: str, day: date) -> list[str]:
    """The segments on whose lists somebody is on that day."""
    with translated("segments"):
        places = [(item.pk, item.sk) for item in MemberItem.by_member.query(key)]
        found = [each for each in places if parted(each[0])[0] == _MEMBERS]
        held = MemberItem.batch_get(found)
        return sorted(parted(item.pk)[1] for item in held if item.until >= day.isoformat())


def size(segment_id: str, day: date) -> int:
    """How many are on the list on that day."""
    with translated("segments"):
        days = MemberItem.query(
            _sizes(segment_id), MemberItem.sk >= day.isoformat(), consistent_read=True
        )
        return sum(int(item.members or 0) for item in days)


def adding(segment_id: str, keys: Sequence[str], until: date | None) -> Change:
    """What is to be written so that all of them, `MOST_AT_ONCE` at most, are on the list to the
    end of that day."""
    return _to(segment_id, keys, until.isoformat() if until else _EVER)


def taking_out(segment_id: str, keys: Sequence[str]) -> Change:
    """What is to be written so that none of them, `MOST_AT_ONCE` at most, is on the list."""
    return _to(segment_id, keys, None)


def write(change: Change, transaction: TransactWrite) -> None:
    """Writes it over what was seen, together with what else is in the transaction."""
    for move in change.moves:
        item = MemberItem(_list(change.segment_id), move.key)
        stands = MemberItem.until == move.before if move.before else MemberItem.pk.does_not_exist()
        if move.after is None:
            transaction.delete(item, stands, add_version_condition=False)
        else:
            item.until, item.gone_at = move.after, _gone_at(move.after)
            transaction.save(item, stands)
    for last_day, by in _moved(change).items():
        actions: list[Action] = [MemberItem.members.add(by)]
        gone_at = _gone_at(last_day)
        if gone_at is not None:
            actions.append(MemberItem.gone_at.set(gone_at))
        counter = MemberItem(_sizes(change.segment_id), last_day)
        transaction.update(counter, actions, add_version_condition=False)


def forget(key: str) -> int:
    """Takes a person out of every list; of how many. Raises Unavailable, also where somebody
    else changed one at the same time."""
    with translated("segments"):
        found = [parted(item.pk) for item in MemberItem.by_member.query(key)]
        changes = [taking_out(segment_id, [key]) for kind, segment_id in found if kind == _MEMBERS]
        for change in changes:
            with TransactWrite(connection=_connection()) as transaction:
                write(change, transaction)
    return len(changes)


def _to(segment_id: str, keys: Sequence[str], after: str | None) -> Change:
    places = [(_list(segment_id), key) for key in dict.fromkeys(keys)]
    with translated("segments"):
        found = MemberItem.batch_get(places, consistent_read=True)
        held = {item.sk: item.until for item in found}
    moves = [Move(key, held.get(key), after) for _, key in places]
    return Change(segment_id, tuple(each for each in moves if each.before != each.after))


def _moved(change: Change) -> dict[str, int]:
    """By how much each last day's counter moves."""
    found: Counter[str] = Counter()
    for move in change.moves:
        found.update({move.after: 1} if move.after else {})
        found.subtract({move.before: 1} if move.before else {})
    return {last_day: by for last_day, by in found.items() if by}


def _gone_at(last_day: str) -> int | None:
    if last_day == _EVER:
        return None
    end = datetime.combine(date.fromisoformat(last_day), time(0), tzinfo=UTC)
    return int((end + _KEPT_AFTER).timestamp())


def _connection() -> Connection:
    return MemberItem._get_connection().connection  # noqa: SLF001 (the only way to share it)


def _list(segment_id: str) -> str:
    return joined((_MEMBERS, segment_id))


def _sizes(segment_id: str) -> str:
    return joined(("size", segment_id))
