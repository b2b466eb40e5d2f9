"""A proposal: rows of the register that wait for a second person, and what may become of them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Literal

from vouchsafe.pure.drawing import CodeOrder
from vouchsafe.pure.errors import Conflict, Forbidden
from vouchsafe.pure.register_load import Seen

State = Literal["draft", "submitted", "approved", "rejected", "withdrawn", "applied"]
Verb = Literal["edit", "submit", "withdraw", "approve", "reject", "apply", "fail"]
# Pausing and its like are an approver's own, and happen at once.
Action = Literal["propose", "pause", "resume", "retire"]
# Rows by kind, each as text by column: what `make load` reads from a file.
Rows = Mapping[str, Sequence[Mapping[str, str]]]

# What is not named here cannot happen. `fail`: the register has moved on, and takes it no more.
TRANSITIONS: Mapping[tuple[State, Verb], State] = {
    ("draft", "edit"): "draft",
    ("draft", "submit"): "submitted",
    ("draft", "withdraw"): "withdrawn",
    ("submitted", "edit"): "draft",
    ("submitted", "approve"): "approved",
    ("submitted", "reject"): "rejected",
    ("submitted", "withdraw"): "withdrawn",
    ("approved", "apply"): "applied",
    ("approved", "fail"): "rejected",
    ("rejected", "edit"): "draft",
}
_OF_ANOTHER: frozenset[Verb] = frozenset({"approve", "reject"})
_MOST_FAULTS = 50


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """What is proposed. `seen`: how often what it changes had changed when it was written.

    In place of rows there may be an `order` of codes to be drawn.
    """

    title: str
    why: str
    rows: Rows
    seen: tuple[Seen, ...] = ()
    order: CodeOrder | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Proposal:
    """`editors` are all who changed it since its author; `version` counts its own changes, and
    `draft_version` is the one that brought the draft.

    `revision` is the register's, once it was applied; `faults` are why it was not.
    """

    proposal_id: str
    draft: Draft
    author: str
    created_at: datetime
    updated_at: datetime
    state: State = "draft"
    action: Action = "propose"
    version: int = 1
    draft_version: int = 1
    editors: tuple[str, ...] = ()
    decided_by: str = ""
    decided_at: datetime | None = None
    reason: str = ""
    faults: tuple[str, ...] = ()
    revision: int | None = None

    def is_by(self, who: str) -> bool:
        """Whether the person had a hand in it."""
        return who == self.author or who in self.editors


def moved(proposal: Proposal, verb: Verb, who: str, at: datetime, reason: str = "") -> Proposal:
    """The proposal after somebody's step. Raises Conflict where it is past that, and Forbidden
    where it takes somebody who had no hand in it."""
    state = TRANSITIONS.get((proposal.state, verb))
    if state is None:
        raise Conflict(f"the proposal is {proposal.state}: nobody can {verb} it")
    if verb in _OF_ANOTHER and proposal.is_by(who):
        raise Forbidden(f"who drafted or changed a proposal cannot {verb} it")
    after = replace(proposal, state=state, version=proposal.version + 1, updated_at=at)
    if verb in _OF_ANOTHER:
        return replace(after, decided_by=who, decided_at=at, reason=reason)
    return replace(after, reason=reason) if verb == "withdraw" else after


def edited(proposal: Proposal, draft: Draft, who: str, at: datetime) -> Proposal:
    """Said anew: it is a draft again, and whoever changed it cannot approve it."""
    after = moved(proposal, "edit", who, at)
    return replace(
        after,
        draft=draft,
        draft_version=after.version,
        editors=after.editors if after.is_by(who) else (*after.editors, who),
        decided_by="",
        decided_at=None,
        reason="",
        faults=(),
    )


def decreed(action: Action, proposal_id: str, draft: Draft, who: str, at: datetime) -> Proposal:
    """What an approver may do alone, because it only switches what was approved before."""
    return Proposal(
        proposal_id=proposal_id,
        draft=draft,
        author=who,
        created_at=at,
        updated_at=at,
        state="approved",
        action=action,
        decided_by=who,
        decided_at=at,
    )


def applied(proposal: Proposal, revision: int, at: datetime) -> Proposal:
    """The register says it now."""
    return replace(moved(proposal, "apply", proposal.decided_by, at), revision=revision)


def failed(proposal: Proposal, faults: Sequence[str], at: datetime) -> Proposal:
    """The register did not take it any more, and nothing was written."""
    after = moved(proposal, "fail", proposal.decided_by, at)
    more = len(faults) - _MOST_FAULTS
    told = (*faults[:_MOST_FAULTS], *([f"and {more} more"] if more > 0 else []))
    return replace(after, faults=told)
