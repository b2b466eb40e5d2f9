"""Proposals and checks as they are answered."""

from urllib.parse import quote

from vouchsafe.pure.proposal import Proposal

from .checking import Checked, kind_and_row
from .proposal_words import CheckTold, FaultTold, FindingTold, ProposalHead, ProposalTold


def head(proposal: Proposal) -> ProposalHead:
    """Without its rows."""
    return ProposalHead(
        proposal_id=proposal.proposal_id,
        title=proposal.draft.title,
        why=proposal.draft.why,
        action=proposal.action,
        state=proposal.state,
        version=proposal.version,
        author=proposal.author,
        editors=list(proposal.editors),
        created_at=proposal.created_at,
        updated_at=proposal.updated_at,
        decided_by=proposal.decided_by or None,
        decided_at=proposal.decided_at,
        reason=proposal.reason or None,
        faults=list(proposal.faults),
        register_revision=proposal.revision,
    )


def whole(proposal: Proposal, check: Checked | None = None) -> ProposalTold:
    """With its rows, and what is wrong with them where that was looked at."""
    rows = {kind: list(of_kind) for kind, of_kind in proposal.draft.rows.items()}
    return ProposalTold(
        **head(proposal).model_dump(),
        rows=rows,
        check=told(check) if check else None,
        channels=_channels(proposal),
    )


def _channels(proposal: Proposal) -> str | None:
    if proposal.action not in ("pause", "resume", "retire"):
        return None
    promotion_id = proposal.draft.rows["promotions"][0]["promotion_id"]
    return f"/register/promotions/{quote(promotion_id, safe='')}/channels"


def told(check: Checked) -> CheckTold:
    """Every fault and finding."""
    return CheckTold(
        sound=check.is_sound(),
        register_revision=check.revision,
        faults=[
            FaultTold(kind=kind, row=row, field=fault.field, rule=fault.rule)
            for fault in check.faults
            for kind, row in [kind_and_row(fault)]
        ],
        findings=[
            FindingTold(
                severity=each.severity,
                rule=each.rule,
                kind=each.kind,
                row=each.row,
                field=each.field,
                says=each.says,
            )
            for each in check.findings
        ],
    )
