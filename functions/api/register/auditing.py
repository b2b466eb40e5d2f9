"""The audit log for people, and the setting of how things are to be named."""

from collections.abc import Sequence

from vouchsafe.edge import audit_table, proposals_table
from vouchsafe.pure import naming
from vouchsafe.pure.asking import Call, Reply
from vouchsafe.pure.audit import AuditEntry, first_broken
from vouchsafe.pure.errors import Invalid
from vouchsafe.pure.naming import Naming
from vouchsafe.pure.register_values import LONGEST

from . import deeds, parameters
from .audit_words import AuditEntryTold, AuditTold, NamingSaid
from .settings import deed_of, must_have_seen


def log(call: Call) -> Reply:
    """Deeds, the newest first: all of them, or those of one subject."""
    most, before = parameters.page_size(call.query), _number(parameters.after(call))
    subject = call.query.get("subject")
    if subject is not None:
        found = audit_table.newest_of(_subject(subject), before, most + 1)
    else:
        found = audit_table.newest(before, most + 1)
    told = AuditTold(
        entries=[_told(each) for each in found[:most]],
        after=str(found[most - 1].number) if len(found) > most else None,
        broken_at=None if subject is not None else _broken(found),
    )
    return Reply(body=told)


def names(_call: Call) -> Reply:
    """How things are to be named."""
    return _named(proposals_table.naming())


def set_names(call: Call) -> Reply:
    """Set over the version that was seen."""
    asked = call.asked(NamingSaid)
    before = proposals_table.naming()
    must_have_seen(call, before.version)
    after = Naming(
        campaign=asked.campaign,
        promotion=asked.promotion,
        code=asked.code,
        seasons=asked.seasons,
        strict=asked.strict,
        version=before.version + 1,
    )
    naming.check(after)
    deed = deed_of(call, "naming", before, after)
    proposals_table.keep_naming(after, deed)
    return _named(after)


def _broken(newest_first: Sequence[AuditEntry]) -> int | None:
    """The oldest of a page is taken for granted: the next page holds it against its own."""
    oldest_first = list(reversed(newest_first))
    if not oldest_first:
        return None
    if oldest_first[0].number == 1:
        return first_broken(oldest_first)
    return first_broken(oldest_first[1:], oldest_first[0])


def _told(entry: AuditEntry) -> AuditEntryTold:
    return AuditEntryTold(
        number=entry.number,
        at=entry.deed.at,
        who=entry.deed.who,
        what=entry.deed.what,
        subjects=list(entry.deed.subjects),
        why=entry.deed.why,
        before=entry.deed.before,
        after=entry.deed.after,
        previous=entry.previous,
        digest=entry.digest,
    )


def _named(said: Naming) -> Reply:
    told = NamingSaid(
        campaign=said.campaign,
        promotion=said.promotion,
        code=said.code,
        seasons=said.seasons,
        strict=said.strict,
    )
    return Reply(body=told, version=said.version)


def _subject(text: str) -> str:
    """A code's is its canonical form, however it is spelt."""
    kind, _, name = text.partition(":")
    if not kind or not name or len(text) > LONGEST:
        raise Invalid("subject", "must be kind:id, such as promotion:SUMMER-10")
    return deeds.subject_of_code(name) if kind == "code" else text


def _number(text: str | None) -> int | None:
    if text is None:
        return None
    if not (text.isascii() and text.isdecimal() and len(text) <= 12):
        raise Invalid("after", "must be as the page before said it")
    return int(text)
