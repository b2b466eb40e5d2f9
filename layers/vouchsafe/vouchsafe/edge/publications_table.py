"""Publications beside the touchpoints that they are to people: by promotion, by code, by day.

A code that is not for all has one holder, which a transaction finds and makes. Nothing of a
publication is taken away but who it went to; a withdrawal is one more item beside it.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from secrets import token_hex

from pynamodb.attributes import NumberAttribute, UnicodeAttribute
from pynamodb.connection import Connection
from pynamodb.expressions.update import Action
from pynamodb.models import Model
from pynamodb.transactions import TransactWrite

from vouchsafe.edge.outage import translated
from vouchsafe.edge.settings import setting
from vouchsafe.edge.touchpoints_table import WITHDRAWN, code_marker, place_of
from vouchsafe.pure import codec, instant
from vouchsafe.pure.facts import joined
from vouchsafe.pure.publication import Publication, Withdrawal
from vouchsafe.pure.release import Given
from vouchsafe.pure.touchpoint import Touchpoint

_HOLDER = "holder"


class PublicationItem(Model):
    """A publication, its withdrawal or a code's holder (`body`), or how many there were on a day;
    and beside the touchpoints what a publication is to people."""

    class Meta:
        table_name = setting("TOUCHPOINTS_TABLE")

    pk = UnicodeAttribute(hash_key=True)
    sk = UnicodeAttribute(range_key=True)
    body = UnicodeAttribute(null=True)
    times = NumberAttribute(null=True)
    people = NumberAttribute(null=True)
    channels = NumberAttribute(null=True)


@dataclass(frozen=True, slots=True, kw_only=True)
class Holder:
    """Whose a code is: a person's by any of the keys, or a channel's; nobody's that is known, after
    the person was forgotten. `times` is how often it was given to them."""

    customer: tuple[str, ...] = ()
    channel: str = ""
    times: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """A publication as it stands."""

    publication: Publication
    withdrawal: Withdrawal | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Shelf:
    """What a page is taken from: a promotion's publications, or a code's."""

    promotion_id: str = ""
    code: str = ""

    def pk(self) -> str:
        return _of_promotion(self.promotion_id) if self.promotion_id else _of_code(self.code)


def items_of(publication: Publication, *, to_one: bool) -> int:
    """How many items of a transaction it takes, its day's counter left out."""
    own = 2 + len(publication.customer)
    return own + (1 + bool(publication.customer)) * to_one


def standing(publications: Sequence[Publication]) -> dict[str, Told]:
    """Those that are there already, by id; withdrawn ones too."""
    places = [(_of_promotion(each.promotion_id), each.publication_id) for each in publications]
    return _told(_got([place for pk, sk in places for place in ((pk, sk), (pk, sk + WITHDRAWN))]))


def get(promotion_id: str, publication_id: str) -> Told | None:
    """One publication, read consistently."""
    pk = _of_promotion(promotion_id)
    found = _told(_got([(pk, publication_id), (pk, publication_id + WITHDRAWN)]))
    return found.get(publication_id)


def holders(codes: Iterable[str]) -> dict[str, Holder]:
    """Who holds those of the codes that somebody holds, read consistently."""
    places = {(_held_by(code), _HOLDER): code for code in codes}
    return {places[item.pk, item.sk]: _holder(item) for item in _got(list(places))}


def page(shelf: Shelf, since: str, until: str, after: str | None, most: int) -> list[Told]:
    """Publications by time in `[since, until)`, ISO instants, from behind that one on."""
    first = f"{after}{WITHDRAWN}~" if after and after >= since else since
    with translated("publications"):
        found = PublicationItem.query(
            shelf.pk(), PublicationItem.sk.between(first, until), consistent_read=True
        )
        return list(_first(found, most))


def given(promotion_id: str, first: date, last: date) -> list[Given]:
    """How often its codes were given out on days from one to another, both included."""
    within = PublicationItem.sk.between(first.isoformat(), last.isoformat())
    with translated("publications"):
        return [
            Given(
                promotion_id=promotion_id,
                day=date.fromisoformat(item.sk),
                people=int(item.people or 0),
                channels=int(item.channels or 0),
            )
            for item in PublicationItem.query(_days_of(promotion_id), within, consistent_read=True)
        ]


def give(
    publications: Sequence[Publication],
    held: Mapping[str, Holder],
    to_one: frozenset[str],
    transaction: TransactWrite,
) -> None:
    """Keeps publications of which none is there, with what else is in the transaction.

    `held` is who was seen to hold the codes, `to_one` are the codes that one holds alone.
    """
    for each in publications:
        new = PublicationItem.pk.does_not_exist()
        for place in _places(each):
            transaction.save(PublicationItem(*place, body=codec.dumps(each)), new)
        if each.code in to_one:
            _hold(each, held.get(each.code), 1, transaction)
        for touch in each.touchpoints():
            transaction.save(PublicationItem(*place_of(touch), body=codec.dumps(touch)))
    _count(publications, 1, transaction)


def withdraw(
    publication: Publication,
    withdrawal: Withdrawal,
    held: Holder | None,
    transaction: TransactWrite,
) -> None:
    """Keeps that it never was, with what else is in the transaction. `held` is who was seen to hold
    the code; it is free again with the last that its holder was given."""
    for pk, sk in _places(publication):
        item = PublicationItem(pk, sk + WITHDRAWN, body=codec.dumps(withdrawal))
        transaction.save(item, PublicationItem.pk.does_not_exist())
    if held is not None:
        _hold(publication, held, -1, transaction)
    for touch in publication.touchpoints():
        customer, place = place_of(touch)
        transaction.save(PublicationItem(customer, f"{place}{WITHDRAWN}"))
    _count([publication], -1, transaction)


def forget(customer: str) -> int:
    """Leaves of what was given to one identity key that it was given to somebody; how much that
    was. The codes stay held. Raises Unavailable, also where somebody gives one at the same time."""
    with translated("publications"):
        found = list(PublicationItem.query(customer, consistent_read=True))
        touches = [codec.loads(Touchpoint, item.body) for item in found if item.body]
    named = [(_of_code(each.code), each.touchpoint_id) for each in touches if each.code]
    places = [(pk, sk + end) for pk, sk in dict.fromkeys(named) for end in ("", WITHDRAWN)]
    told = _told(_got(places))
    for each in told.values():
        held = holders([each.publication.code]).get(each.publication.code)
        with translated("publications"), TransactWrite(connection=_connection()) as transaction:
            _unname(each, held, transaction)
    return len(told)


def _unname(told: Told, held: Holder | None, transaction: TransactWrite) -> None:
    """Under another name, for its own comes of whom it went to."""
    before = told.publication
    drawn = f"{instant.text(before.at)}-{token_hex(12)}"
    after = replace(before, publication_id=drawn, customer=(), forgotten=True)
    for (pk, old), (_, new) in zip(_places(before), _places(after), strict=True):
        transaction.delete(PublicationItem(pk, old), PublicationItem.pk.exists())
        transaction.save(PublicationItem(pk, new, body=codec.dumps(after)))
        if told.withdrawal:
            transaction.delete(PublicationItem(pk, old + WITHDRAWN))
            body = codec.dumps(told.withdrawal)
            transaction.save(PublicationItem(pk, new + WITHDRAWN, body=body))
    for touch in before.touchpoints():
        customer, place = place_of(touch)
        for sk in (place, f"{place}{WITHDRAWN}"):
            transaction.delete(PublicationItem(customer, sk), add_version_condition=False)
    if held and not frozenset(held.customer).isdisjoint(before.customer):
        holder = PublicationItem(_held_by(before.code), _HOLDER)
        holder.body, holder.times = codec.dumps(Holder()), held.times
        transaction.save(holder, PublicationItem.times == held.times)
    if held and not told.withdrawal:
        sign = PublicationItem(code_marker(before.code), before.publication_id)
        transaction.delete(sign, add_version_condition=False)
        transaction.save(PublicationItem(code_marker(before.code), drawn))


def _connection() -> Connection:
    """The connection of the model, so that a transaction needs no client of its own."""
    return PublicationItem._get_connection().connection  # noqa: SLF001 (the only way to share it)


def _hold(
    publication: Publication, held: Holder | None, by: int, transaction: TransactWrite
) -> None:
    """Moves how often the holder was given the code, over what was seen; and with it the sign that
    it is only for those whom it was given to, which what is put up in a channel is not."""
    item = PublicationItem(_held_by(publication.code), _HOLDER)
    unseen = PublicationItem.pk.does_not_exist()
    seen = PublicationItem.times == held.times if held else unseen
    times = (held.times if held else 0) + by
    if times:
        item.body = codec.dumps(replace(held or _holding(publication), times=0))
        item.times = times
        transaction.save(item, seen)
    else:
        transaction.delete(item, seen, add_version_condition=False)
    sign = PublicationItem(code_marker(publication.code), publication.publication_id)
    if publication.customer and by > 0:
        transaction.save(sign)
    elif publication.customer:
        transaction.delete(sign, add_version_condition=False)


def _count(publications: Sequence[Publication], by: int, transaction: TransactWrite) -> None:
    days = dict.fromkeys((each.promotion_id, each.at.date()) for each in publications)
    for promotion_id, day in days:
        of_day = [each for each in publications if each.at.date() == day]
        people = by * sum(bool(each.customer) for each in of_day)
        channels = by * len(of_day) - people
        actions: list[Action] = [
            PublicationItem.people.add(people),
            PublicationItem.channels.add(channels),
        ]
        counter = PublicationItem(_days_of(promotion_id), day.isoformat())
        transaction.update(counter, actions, add_version_condition=False)


def _holding(publication: Publication) -> Holder:
    channel = "" if publication.customer else publication.channel()
    return Holder(customer=publication.customer, channel=channel)


def _holder(item: PublicationItem) -> Holder:
    return replace(codec.loads(Holder, item.body or ""), times=int(item.times or 0))


def _first(found: Iterable[PublicationItem], most: int) -> Iterator[Told]:
    """The first of them, each with its withdrawal, which follows it at once."""
    held: list[PublicationItem] = []
    left = most
    for item in found:
        left -= not item.sk.endswith(WITHDRAWN)
        if left < 0:
            break
        held.append(item)
    yield from _told(held).values()


def _told(found: Iterable[PublicationItem]) -> dict[str, Told]:
    items = {item.sk: item for item in found}
    return {
        sk: Told(
            publication=codec.loads(Publication, item.body or ""),
            withdrawal=_withdrawal(items.get(sk + WITHDRAWN)),
        )
        for sk, item in items.items()
        if not sk.endswith(WITHDRAWN)
    }


def _withdrawal(item: PublicationItem | None) -> Withdrawal | None:
    return codec.loads(Withdrawal, item.body or "") if item else None


def _got(places: list[tuple[str, str]]) -> list[PublicationItem]:
    with translated("publications"):
        return list(PublicationItem.batch_get(places, consistent_read=True))


def _places(publication: Publication) -> tuple[tuple[str, str], tuple[str, str]]:
    """By promotion, and by code."""
    sk = publication.publication_id
    return (_of_promotion(publication.promotion_id), sk), (_of_code(publication.code), sk)


def _of_promotion(promotion_id: str) -> str:
    return joined(("published", "promotion", promotion_id))


def _of_code(code: str) -> str:
    return joined(("published", "given", code))


def _days_of(promotion_id: str) -> str:
    return joined(("published", "days", promotion_id))


def _held_by(code: str) -> str:
    return joined(("published", "holder", code))
