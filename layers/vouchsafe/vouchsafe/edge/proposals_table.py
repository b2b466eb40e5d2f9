"""Proposals in DynamoDB: what became of each, and every draft that it ever had.

Nothing is written here without an entry in the audit log, in the same transaction. A draft is kept
under the version that brought it, and no later one overwrites it.
"""

from collections.abc import Sequence
from dataclasses import replace
from functools import partial

from pynamodb.attributes import BinaryAttribute, NumberAttribute, UnicodeAttribute
from pynamodb.exceptions import PutError
from pynamodb.models import Model
from pynamodb.transactions import TransactWrite

from vouchsafe.edge import audit_table
from vouchsafe.edge.item import pack, unpack
from vouchsafe.edge.outage import code_of, translated
from vouchsafe.edge.settings import setting
from vouchsafe.pure import codec
from vouchsafe.pure.audit import AuditEntry, Deed
from vouchsafe.pure.drawing import CodeOrder
from vouchsafe.pure.errors import Absent, Invalid
from vouchsafe.pure.facts import joined
from vouchsafe.pure.naming import Naming
from vouchsafe.pure.proposal import Draft, Proposal
from vouchsafe.pure.release import Fatigue

_SHELF = "proposal"
_NAMING = ("setting", "naming")
_FATIGUE = ("setting", "fatigue")
_LARGEST_DRAFT = 350_000  # an item holds 400 KB, its other attributes included


class ProposalItem(Model):
    """A proposal without its rows (`body`), one of its drafts or a part of drawn codes (`draft`),
    how many parts are done (`version`), an order under its promotion, or a setting (`body`)."""

    class Meta:
        table_name = setting("PROPOSALS_TABLE")

    pk = UnicodeAttribute(hash_key=True)
    sk = UnicodeAttribute(range_key=True)
    version = NumberAttribute(null=True)
    state = UnicodeAttribute(null=True)
    body = UnicodeAttribute(null=True)
    draft = BinaryAttribute(legacy_encoding=False, null=True)


def get(proposal_id: str) -> Proposal:
    """A proposal with its draft. Raises Absent."""
    with translated("proposals"):
        try:
            item = ProposalItem.get(_SHELF, proposal_id, consistent_read=True)
        except ProposalItem.DoesNotExist as error:
            raise Absent(f"proposal {proposal_id}") from error
    return replace(_bare(item), draft=draft(proposal_id, _bare(item).draft_version))


def draft(proposal_id: str, version: int) -> Draft:
    """What a proposal said from that version on. Raises Absent."""
    with translated("proposals"):
        try:
            item = ProposalItem.get(_drafts(proposal_id), _place(version), consistent_read=True)
        except ProposalItem.DoesNotExist as error:
            raise Absent(f"draft {version} of proposal {proposal_id}") from error
    return codec.from_plain(Draft, unpack(item.draft or b""))


def newest(before: str | None, most: int, state: str | None = None) -> list[Proposal]:
    """Proposals without their rows, from the newest down, or from the one before that id."""
    condition = ProposalItem.sk < before if before is not None else None
    of_state = ProposalItem.state == state if state else None
    with translated("proposals"):
        found = ProposalItem.query(
            _SHELF,
            condition,
            filter_condition=of_state,
            scan_index_forward=False,
            limit=most,
            consistent_read=True,
        )
        return [_bare(item) for item in found]


def keep(proposal: Proposal, deed: Deed) -> AuditEntry:
    """Keeps a proposal over its last version, and what was done to it, both or neither.

    Raises Conflict where another has changed it, Invalid where its rows are too many.
    """
    return audit_table.append(deed, partial(_put, proposal, _packed(proposal)))


def orders_for(promotion_id: str) -> list[tuple[str, CodeOrder]]:
    """Every order of codes for a promotion, the oldest first, by the id of its proposal."""
    with translated("proposals"):
        found = ProposalItem.query(_orders(promotion_id), consistent_read=True)
        return [(item.sk, codec.loads(CodeOrder, item.body or "")) for item in found]


def drawn(proposal_id: str, part: int) -> tuple[str, ...] | None:
    """The codes of one part of an order, as they were drawn; None before that."""
    with translated("proposals"):
        try:
            item = ProposalItem.get(*_part(proposal_id, part), consistent_read=True)
        except ProposalItem.DoesNotExist:
            return None
    return tuple(unpack(item.draft or b""))


def keep_drawn(proposal_id: str, part: int, codes: Sequence[str]) -> tuple[str, ...]:
    """Keeps a part's codes; where another run was first, those that it has drawn."""
    item = ProposalItem(*_part(proposal_id, part), draft=pack(codes))
    with translated("proposals"):
        try:
            item.save(ProposalItem.pk.does_not_exist(), add_version_condition=False)
        except PutError as error:
            if code_of(error) != "ConditionalCheckFailedException":
                raise
            return drawn(proposal_id, part) or ()
    return tuple(codes)


def parts_done(proposal_id: str) -> int:
    """How many parts of an order the register has."""
    with translated("proposals"):
        try:
            item = ProposalItem.get(*_progress(proposal_id), consistent_read=True)
        except ProposalItem.DoesNotExist:
            return 0
    return int(item.version or 0)


def keep_parts_done(proposal_id: str, parts: int) -> None:
    """Keeps how far an order is; it never falls back."""
    item = ProposalItem(*_progress(proposal_id), version=parts)
    before = ProposalItem.pk.does_not_exist() | (ProposalItem.version < parts)
    with translated("proposals"):
        try:
            item.save(before, add_version_condition=False)
        except PutError as error:
            if code_of(error) != "ConditionalCheckFailedException":
                raise


def naming() -> Naming:
    """How things are to be named; what nobody has set asks nothing."""
    said = _setting(_NAMING)
    return codec.loads(Naming, said) if said else Naming()


def keep_naming(said: Naming, deed: Deed) -> AuditEntry:
    """Keeps it over its last version. Raises Conflict where another has changed it."""
    return audit_table.append(deed, partial(_put_setting, _NAMING, said))


def fatigue() -> Fatigue:
    """How many releases are enough, and when people buy; what nobody has set asks nothing."""
    said = _setting(_FATIGUE)
    return codec.loads(Fatigue, said) if said else Fatigue()


def keep_fatigue(said: Fatigue, deed: Deed) -> AuditEntry:
    """Keeps it over its last version. Raises Conflict where another has changed it."""
    return audit_table.append(deed, partial(_put_setting, _FATIGUE, said))


def _setting(place: tuple[str, str]) -> str:
    with translated("proposals"):
        try:
            return ProposalItem.get(*place, consistent_read=True).body or ""
        except ProposalItem.DoesNotExist:
            return ""


def _put_setting(
    place: tuple[str, str], said: Naming | Fatigue, transaction: TransactWrite
) -> None:
    item = ProposalItem(*place, version=said.version, body=codec.dumps(said))
    unseen = (
        ProposalItem.pk.does_not_exist()
        if said.version == 1
        else ProposalItem.version == said.version - 1
    )
    transaction.save(item, unseen)


def _put(proposal: Proposal, packed: bytes, transaction: TransactWrite) -> None:
    item = ProposalItem(
        _SHELF,
        proposal.proposal_id,
        version=proposal.version,
        state=proposal.state,
        body=codec.dumps(replace(proposal, draft=replace(proposal.draft, rows={}, seen=()))),
    )
    unseen = (
        ProposalItem.pk.does_not_exist()
        if proposal.version == 1
        else ProposalItem.version == proposal.version - 1
    )
    transaction.save(item, unseen)
    if proposal.draft_version == proposal.version:
        place = _drafts(proposal.proposal_id), _place(proposal.version)
        transaction.save(ProposalItem(*place, draft=packed), ProposalItem.pk.does_not_exist())
    order = proposal.draft.order
    if order and proposal.version == 1:
        place = _orders(order.promotion_id), proposal.proposal_id
        transaction.save(ProposalItem(*place, body=codec.dumps(order)))


def _packed(proposal: Proposal) -> bytes:
    packed = pack(codec.plain(proposal.draft))
    if len(packed) > _LARGEST_DRAFT:
        raise Invalid("rows", "are too many for one proposal: split them, or order codes as a job")
    return packed


def _bare(item: ProposalItem) -> Proposal:
    return codec.loads(Proposal, item.body or "")


def _drafts(proposal_id: str) -> str:
    return joined(("draft", proposal_id))


def _orders(promotion_id: str) -> str:
    return joined(("orders", promotion_id))


def _part(proposal_id: str, part: int) -> tuple[str, str]:
    return joined(("drawn", proposal_id)), f"{part:06d}"


def _progress(proposal_id: str) -> tuple[str, str]:
    return joined(("drawn", proposal_id)), "done"


def _place(version: int) -> str:
    return f"{version:06d}"
