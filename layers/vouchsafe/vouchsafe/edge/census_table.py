"""What each system lists of each code, in DynamoDB: overwritten by newer lists, never deleted.

A listing names the list that had it last. A list is complete once all its parts are in, without a
line that was refused; what an older list had and it has not is gone from that system, which is seen
by comparing and costs no write.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from itertools import groupby

from pynamodb.attributes import NumberAttribute, NumberSetAttribute, UnicodeAttribute
from pynamodb.exceptions import UpdateError
from pynamodb.expressions.update import Action
from pynamodb.models import Model
from pynamodb.transactions import TransactWrite

from vouchsafe.edge.outage import code_of, translated
from vouchsafe.edge.settings import setting
from vouchsafe.pure import codec, instant
from vouchsafe.pure.census import Listed, Listing
from vouchsafe.pure.facts import joined, parted

_HEADS = "heads"
Systems = Mapping[tuple[str, str], datetime]
Place = tuple[str, str]


class CensusItem(Model):
    """A listing (`body`), one import of a system's list (`parts`), or a system (`complete_at`)."""

    class Meta:
        table_name = setting("CENSUS_TABLE")

    pk = UnicodeAttribute(hash_key=True)
    sk = UnicodeAttribute(range_key=True)
    body = UnicodeAttribute(null=True)
    first_seen_at = UnicodeAttribute(null=True)
    last_seen_at = UnicodeAttribute(null=True)
    parts = NumberSetAttribute(null=True)
    last = NumberAttribute(null=True)
    complete_at = UnicodeAttribute(null=True)


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """Of a list that was taken out of a system at an instant, the part of that number.

    `last` is how many parts there are, told with the last one. `faulty`: a line of it was refused.
    """

    system: str
    account: str
    taken_at: datetime
    number: int
    last: bool
    faulty: bool


def keep(listings: Iterable[Listing], taken_at: datetime) -> None:
    """Keeps what a list says, over what an older one said; a newer one's word stands."""
    at = instant.text(taken_at)
    for each in listings:
        said = (
            CensusItem.body.set(codec.dumps(each)),
            CensusItem.last_seen_at.set(at),
            CensusItem.first_seen_at.set(CensusItem.first_seen_at | at),
        )
        older = CensusItem.pk.does_not_exist() | (CensusItem.last_seen_at <= at)
        with translated("census"):
            try:
                CensusItem(*_place(each)).update(
                    list(said), condition=older, add_version_condition=False
                )
            except UpdateError as error:
                if code_of(error) != "ConditionalCheckFailedException":
                    raise


def note(part: Part, transaction: TransactWrite) -> None:
    """Puts into a transaction that a part is in; with a faulty one no list is complete."""
    said: list[Action] = []
    if part.last:
        said.append(CensusItem.last.set(part.number))
    if not part.faulty:
        said.append(CensusItem.parts.add({part.number}))
    if not said:
        return
    item = CensusItem(*_import(part))
    transaction.update(item, actions=said, add_version_condition=False)


def settle(part: Part) -> bool:
    """Tells the system's newest complete list, if this is one; whether the import is complete."""
    with translated("census"):
        complete = _is_complete(part)
        head = CensusItem(_HEADS, joined((part.system, part.account)))
        at = instant.text(part.taken_at) if complete else instant.text(instant.EPOCH)
        newer = CensusItem.pk.does_not_exist() | (CensusItem.complete_at < at)
        try:
            head.update(
                [CensusItem.complete_at.set(at)], condition=newer, add_version_condition=False
            )
        except UpdateError as error:
            if code_of(error) != "ConditionalCheckFailedException":
                raise
    return complete


def systems() -> Systems:
    """The systems that were ever listed, as (system, account), and when the newest complete list
    was taken: the epoch where none ever was."""
    with translated("census"):
        found = CensusItem.query(_HEADS, consistent_read=True)
        return {_pair(item.sk): instant.parse(item.complete_at or "") for item in found}


def of(subject: str, known: Systems) -> tuple[Listed, ...]:
    """Every listing of a code, or of a till's discount."""
    with translated("census"):
        found = CensusItem.query(subject, consistent_read=True)
        return tuple(_listed(item, known) for item in found)


def page(
    after: Place | None, most: int, known: Systems
) -> tuple[dict[str, tuple[Listed, ...]], Place | None]:
    """Codes with all their listings, of so many listings, and what to go on after, if there is
    more. Each code comes once, in no order."""
    with translated("census"):
        scanned = CensusItem.scan(
            CensusItem.body.exists(),
            limit=most,
            page_size=most,
            last_evaluated_key=_key(after),
            consistent_read=True,
        )
        items = list(scanned)
        more = scanned.last_evaluated_key
    found = dict(_grouped(items, known))
    if after:
        found.pop(after[0], None)
    if items and more and items[-1].pk in found:
        found[items[-1].pk] = of(items[-1].pk, known)
    return found, (more["pk"]["S"], more["sk"]["S"]) if more else None


def _is_complete(part: Part) -> bool:
    try:
        item = CensusItem.get(*_import(part), consistent_read=True)
    except CensusItem.DoesNotExist:
        return False
    return set(item.parts or ()) == set(range(1, int(item.last or 0) + 1))


def _grouped(
    items: Iterable[CensusItem], known: Systems
) -> Iterator[tuple[str, tuple[Listed, ...]]]:
    for subject, held in groupby(items, lambda item: item.pk):
        yield subject, tuple(_listed(item, known) for item in held)


def _listed(item: CensusItem, known: Systems) -> Listed:
    listing = codec.loads(Listing, item.body or "")
    last = instant.parse(item.last_seen_at or "")
    complete = known.get((listing.system, listing.account), instant.EPOCH)
    return Listed(
        listing=listing,
        first_seen_at=instant.parse(item.first_seen_at or ""),
        last_seen_at=last,
        gone=last < complete,
    )


def _place(listing: Listing) -> Place:
    """Beside the same code of the same system in another spelling, or under another id."""
    which = sha256(joined((listing.code, listing.ref)).encode()).hexdigest()[:24]
    return listing.subject(), joined((listing.system, listing.account, which))


def _import(part: Part) -> Place:
    return joined(("import", part.system, part.account)), instant.text(part.taken_at)


def _pair(text: str) -> tuple[str, str]:
    system, account = parted(text)
    return system, account


def _key(after: Place | None) -> dict[str, dict[str, str]] | None:
    return {"pk": {"S": after[0]}, "sk": {"S": after[1]}} if after else None
