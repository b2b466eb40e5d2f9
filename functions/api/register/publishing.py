"""Publications: codes given to people or put up in a channel, told, listed and taken back.

People are hashed at the door. To them it is a touchpoint like any other: attribution, `best` and
promotions for holders meet it where they look for those.
"""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from functools import partial

from vouchsafe.edge import (
    audit_table,
    proposals_table,
    publications_table,
    register_table,
    touchpoints_table,
)
from vouchsafe.edge.publications_table import Holder, Shelf, Told
from vouchsafe.edge.register_table import Snapshot
from vouchsafe.flow.check import silent, spread
from vouchsafe.flow.enlist import keys_of
from vouchsafe.pure import instant
from vouchsafe.pure import register_values as values
from vouchsafe.pure.asking import Call, Reply
from vouchsafe.pure.audit import Deed
from vouchsafe.pure.codes import canonical
from vouchsafe.pure.errors import Absent, Conflict, Invalid, Unavailable
from vouchsafe.pure.identity import ranked
from vouchsafe.pure.publication import Publication, Reached, Withdrawal, named, too_many
from vouchsafe.pure.register import Campaign, Code, Promotion
from vouchsafe.pure.register_entries import campaign_key, code_key, promotion_key
from vouchsafe.pure.release import Fatigue

from . import deeds
from .parameters import after as behind
from .parameters import name_asked, page_size
from .publication_words import (
    PublicationAsked,
    PublicationsAsked,
    PublicationsTold,
    PublicationTold,
    PublishedTold,
    TooManyTold,
    WithdrawalTold,
    WithdrawAsked,
)

_AHEAD = timedelta(minutes=5)
# The week before and the week after.
_REACH = timedelta(days=7)
# A transaction holds a hundred: beside these a day's counter, and the log's entry and subjects.
_MOST_ITEMS = 90
_TRIES = 4
_EVER = datetime(9999, 1, 1, tzinfo=UTC)


def give(call: Call) -> Reply:
    """Codes that were given out, all of them or, where one is another's, none."""
    asked = call.asked(PublicationsAsked)
    if asked.at > call.now + _AHEAD:
        raise Invalid("at", "is in the future")
    at = register_table.snapshot()
    promotion, campaign = _promotion(asked.promotion_id, at)
    placed = _publications(asked, promotion, campaign, call, at)
    told = list(placed.values())
    to_one = frozenset[str]() if promotion.generic else frozenset(each.code for each in told)
    _must_be_theirs(told, to_one)
    over = _over_mailed(placed)
    new = sum(_written(batch, to_one, call) for batch in _batches(told, to_one=bool(to_one)))
    return Reply(
        body=PublishedTold(
            promotion_id=promotion.promotion_id,
            given=new,
            known=len(told) - new,
            over_mailed=over,
        ),
        status=201,
    )


def every(call: Call) -> Reply:
    """Publications of a promotion or of a code, by time."""
    most = page_size(call.query)
    since, until = _instant(call, "from", "0"), _instant(call, "to", "9999")
    found = publications_table.page(_shelf(call), since, until, behind(call), most + 1)
    after = found[most - 1].publication.publication_id if len(found) > most else None
    return Reply(
        body=PublicationsTold(publications=[_told(each) for each in found[:most]], after=after)
    )


def one(call: Call) -> Reply:
    """A publication, withdrawn or not."""
    return Reply(body=_told(_found(call)))


def withdraw(call: Call) -> Reply:
    """Told by mistake: it never was. Withdrawn again it is as it was."""
    asked = call.asked(WithdrawAsked)
    for _ in range(_TRIES):
        found = _found(call)
        if found.withdrawal is not None:
            return Reply(body=_told(found))
        taken_back = Withdrawal(at=call.now, by=call.caller.id, why=asked.why)
        held = publications_table.holders([found.publication.code])
        kept = partial(
            publications_table.withdraw,
            found.publication,
            taken_back,
            held.get(found.publication.code),
        )
        try:
            audit_table.append(_withdrawn(found.publication, taken_back), kept)
        except Conflict:
            continue
        return Reply(body=_told(Told(publication=found.publication, withdrawal=taken_back)))
    raise Unavailable("publications: others are giving the same code")


def _promotion(promotion_id: str, at: Snapshot) -> tuple[Promotion, Campaign]:
    """The promotion and its campaign. Raises Invalid, and Conflict for what has ended for good."""
    found = register_table.held([promotion_key(promotion_id)], at).get(promotion_key(promotion_id))
    if found is None or not isinstance(found.entry, Promotion):
        raise Invalid("promotion_id", f"is not in the register: {promotion_id}")
    if found.entry.status == "retired":
        raise Conflict("the promotion is retired: nobody can use what it gives out")
    key = campaign_key(found.entry.campaign_id)
    campaign = register_table.held([key], at)[key].entry
    if not isinstance(campaign, Campaign):
        raise Invalid("promotion_id", "has no campaign")
    return found.entry, campaign


def _publications(
    asked: PublicationsAsked, promotion: Promotion, campaign: Campaign, call: Call, at: Snapshot
) -> dict[int, Publication]:
    """What the call says by its place there, each once. Raises Invalid with the place."""
    codes = _codes(asked.publications, promotion, at)
    source, medium = campaign.utm_source, campaign.utm_medium
    if asked.channel is not None:
        source, medium = _channel(asked.channel)
    found: dict[str, tuple[int, Publication]] = {}
    for place, (each, code) in enumerate(zip(asked.publications, codes, strict=True)):
        said = Publication(
            publication_id="",
            promotion_id=promotion.promotion_id,
            campaign_id=campaign.campaign_id,
            code=code,
            at=asked.at.replace(microsecond=asked.at.microsecond // 1000 * 1000),
            utm_source=source,
            utm_medium=medium,
            utm_campaign=campaign.utm_campaign,
            customer=ranked(keys_of(each.to, f"publications[{place}].to")),
            by=call.caller.id,
        )
        said = named(said)
        found.setdefault(said.publication_id, (place, said))
    return dict(found.values())


def _codes(asked: Sequence[PublicationAsked], promotion: Promotion, at: Snapshot) -> list[str]:
    """The canonical codes, which all stand for the promotion."""
    folded = [canonical(each.code) for each in asked]
    held = register_table.held({code_key(each) for each in folded if each}, at)
    for place, code in enumerate(folded):
        known = held.get(code_key(code)) if code else None
        stands = known.entry.promotions if known and isinstance(known.entry, Code) else ()
        if promotion.promotion_id not in stands:
            raise Invalid(f"publications[{place}].code", "is no code of the promotion")
    return folded


def _must_be_theirs(told: Sequence[Publication], to_one: frozenset[str]) -> None:
    """Raises Conflict where a code that one holds alone is another's already, or twice in here."""
    alone = [each for each in told if each.code in to_one]
    twice = [code for code, many in Counter(each.code for each in alone).items() if many > 1]
    if twice:
        raise Conflict(f"each code is given once, and this one to several: {twice[0]}")
    held = publications_table.holders(to_one)
    elsewhere = touchpoints_table.told_elsewhere(to_one - held.keys())
    for each in alone:
        if not _is_theirs(each, held.get(each.code), told_elsewhere=each.code in elsewhere):
            raise Conflict(f"the code was given to somebody else: {each.code}")


def _is_theirs(each: Publication, held: Holder | None, *, told_elsewhere: bool) -> bool:
    if held is not None:
        same = not held.customer and not each.customer and held.channel == each.channel()
        return same or not frozenset(each.customer).isdisjoint(held.customer)
    return not told_elsewhere or any(
        touch.code == each.code and touch.kind == "publication"
        for key in each.customer
        for touch in touchpoints_table.of_person(key, instant.EPOCH, _EVER)
    )


def _over_mailed(placed: Mapping[int, Publication]) -> list[TooManyTold]:
    """What is one release too many for a person. Raises Invalid where the setting is strict."""
    fatigue = proposals_table.fatigue()
    if fatigue.audience_a_day is None and fatigue.audience_a_week is None:
        return []
    judge = partial(_too_many, fatigue=fatigue)
    says = spread("looking who was reached", list(placed.values()), judge, silent)
    found = [
        TooManyTold(publication=at, says=each)
        for at, each in zip(placed, says, strict=True)
        if each
    ]
    if found and fatigue.strict:
        raise Invalid(f"publications[{found[0].publication}].to", found[0].says)
    return found


def _too_many(each: Publication, fatigue: Fatigue) -> str:
    since, until = each.at - _REACH, each.at + _REACH
    reached: set[Reached] = {
        (touch.seen_at.date(), touch.campaign_id or f"code {touch.code}")
        for key in each.customer
        for touch in touchpoints_table.of_person(key, since, until)
        if touch.kind == "publication"
    }
    return too_many(reached, (each.at.date(), each.campaign_id), fatigue) if each.customer else ""


def _batches(told: Sequence[Publication], *, to_one: bool) -> Iterator[list[Publication]]:
    """As many as fit into one transaction."""
    batch: list[Publication] = []
    items = 0
    for each in told:
        takes = publications_table.items_of(each, to_one=to_one)
        if items + takes > _MOST_ITEMS:
            yield batch
            batch, items = [], 0
        batch.append(each)
        items += takes
    yield batch


def _written(batch: Sequence[Publication], to_one: frozenset[str], call: Call) -> int:
    """Those that are not there yet and the log's word of them, both or neither; how many."""
    for _ in range(_TRIES):
        there = publications_table.standing(batch)
        if any(each.withdrawal for each in there.values()):
            raise Conflict("it was told before, and withdrawn: tell when it was given anew")
        new = [each for each in batch if each.publication_id not in there]
        if not new:
            return 0
        held = publications_table.holders(each.code for each in new if each.code in to_one)
        try:
            audit_table.append(
                _given(new, call), partial(publications_table.give, new, held, to_one)
            )
        except Conflict:
            _must_be_theirs(new, to_one)
            continue
        return len(new)
    raise Unavailable("publications: others are giving the same codes")


def _given(new: Sequence[Publication], call: Call) -> Deed:
    """By number: who was given what is kept where it can be forgotten."""
    people = sum(bool(each.customer) for each in new)
    first = new[0]
    return Deed(
        who=call.caller.id,
        at=call.now,
        what="codes_given_out",
        subjects=(f"promotion:{first.promotion_id}", f"campaign:{first.campaign_id}"),
        why=call.asked(PublicationsAsked).why,
        after=f"{people} to people, {len(new) - people} to {first.channel()},"
        f" at {instant.text(first.at)}",
    )


def _withdrawn(publication: Publication, taken_back: Withdrawal) -> Deed:
    return Deed(
        who=taken_back.by,
        at=taken_back.at,
        what="publication_withdrawn",
        subjects=(
            f"promotion:{publication.promotion_id}",
            deeds.subject_of_code(publication.code),
        ),
        why=taken_back.why,
        before=f"given out at {instant.text(publication.at)}",
    )


def _found(call: Call) -> Told:
    promotion_id = name_asked(call, "promotion_id")
    found = publications_table.get(promotion_id, name_asked(call, "publication_id"))
    if found is None:
        raise Absent("such publication")
    return found


def _shelf(call: Call) -> Shelf:
    promotion_id, code = call.query.get("promotion_id"), call.query.get("code")
    if bool(promotion_id) == bool(code):
        raise Invalid("promotion_id", "or code must be said, one of them")
    named = promotion_id or canonical(code or "")
    if not 0 < len(named) <= values.LONGEST:
        raise Invalid("promotion_id" if promotion_id else "code", "is no name")
    return Shelf(promotion_id=named) if promotion_id else Shelf(code=named)


def _channel(text: str) -> tuple[str, str]:
    try:
        return values.channel(text)
    except Invalid as error:
        raise Invalid("channel", error.rule) from error


def _instant(call: Call, name: str, usual: str) -> str:
    text = call.query.get(name)
    try:
        return instant.text(instant.parse(text)) if text is not None else usual
    except (Invalid, OverflowError) as error:
        raise Invalid(name, "must be an instant with its offset") from error


def _told(found: Told) -> PublicationTold:
    said, gone = found.publication, found.withdrawal
    return PublicationTold(
        publication_id=said.publication_id,
        promotion_id=said.promotion_id,
        campaign_id=said.campaign_id,
        code=said.code,
        at=said.at,
        channel=said.channel(),
        to="person" if said.customer or said.forgotten else "channel",
        by=said.by,
        withdrawal=WithdrawalTold(at=gone.at, by=gone.by, why=gone.why) if gone else None,
    )
