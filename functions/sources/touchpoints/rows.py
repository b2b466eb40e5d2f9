"""Rows as touchpoints, all of them or none: what is wrong is told of every row at once."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from vouchsafe.pure.errors import Unreadable
from vouchsafe.pure.identity import Identify
from vouchsafe.pure.register_lines import Line, line_of
from vouchsafe.pure.register_rows import Fault, Row
from vouchsafe.pure.touchpoint import Touchpoint

from .document import Body, Placed

AHEAD = timedelta(minutes=5)
# A look-back is seldom longer, and few browsers keep what a page stored for so long.
REACH_OF_A_BEACON = timedelta(days=90)
MOST = 5000
MOST_OF_A_BEACON = 20
MOST_TOLD = 20

_ON_A_PAGE = ("click", "email_click", "visit")
# A page may not say who somebody is, name a contact, or speak for a campaign.
_NOT_FOR_A_PAGE = ("touchpoint_id", "identity", "channel", "campaign_id")
_NAME = re.compile(r"[a-z][a-z0-9_]{0,39}")

Placement = tuple[str, Fault]


@dataclass(frozen=True, slots=True)
class Terms:
    """When the rows came, and whose they are where they came from a page: no row says it there."""

    received_at: datetime
    identify: Identify
    on_a_page_of: str | None = None


def touchpoints(body: Body, terms: Terms) -> tuple[Touchpoint, ...]:
    """What the rows say, each contact once. Raises Unreadable, which names every fault."""
    most = MOST if terms.on_a_page_of is None else MOST_OF_A_BEACON
    if not body.faults and not 0 < len(body.rows) <= most:
        raise Unreadable("touchpoints", f"must be 1 to {most}, not {len(body.rows)}")
    read = [(each.place, _line(each, terms)) for each in body.rows]
    faults = [*body.faults, *_faults(read, terms), *_contradictions(read)]
    if faults:
        raise _unreadable(faults)
    said = (line.said for _, line in read)
    return tuple(dict.fromkeys(each for each in said if isinstance(each, Touchpoint)))


def _line(placed: Placed, terms: Terms) -> Line:
    row = placed.row
    if terms.on_a_page_of is not None:
        row = replace(row, cells={**row.cells, "identity": terms.on_a_page_of})
    line = line_of(row, terms.identify)
    return replace(line, row=placed.row)


def _faults(read: Sequence[tuple[str, Line]], terms: Terms) -> Iterator[Placement]:
    for place, line in read:
        found = [*line.faults, *_untimely(line, terms)]
        if terms.on_a_page_of is not None:
            found += _not_for_a_page(line.row)
        yield from ((place, fault) for fault in found)


def _untimely(line: Line, terms: Terms) -> Iterator[Fault]:
    if not isinstance(line.said, Touchpoint) or "seen_at" in line.bad:
        return
    ago = terms.received_at - line.said.seen_at
    if ago < -AHEAD:
        yield line.row.fault("seen_at", "is in the future")
    if terms.on_a_page_of is not None and ago > REACH_OF_A_BEACON:
        yield line.row.fault("seen_at", f"is more than {REACH_OF_A_BEACON.days} days ago")


def _not_for_a_page(row: Row) -> Iterator[Fault]:
    for column in _NOT_FOR_A_PAGE:
        if row.cells.get(column):
            yield row.fault(column, "is not for a page to say")
    if row.cells.get("kind") in ("publication", "sighting"):
        yield row.fault("kind", f"must be one of {', '.join(_ON_A_PAGE)} on a page")


def _contradictions(read: Sequence[tuple[str, Line]]) -> Iterator[Placement]:
    """An id is one contact; it may stand under several identities, and must be the same else."""
    told: dict[str, Touchpoint] = {}
    for place, line in read:
        if not isinstance(line.said, Touchpoint) or line.bad:
            continue
        nobodys = replace(line.said, customer="")
        if told.setdefault(nobodys.touchpoint_id, nobodys) != nobodys:
            yield place, line.row.fault("touchpoint_id", "says something else further up")


def _unreadable(faults: Sequence[Placement]) -> Unreadable:
    """The first fault, and the others in its rule."""
    told = [(f"{place}{_name(fault)}", _rule(fault)) for place, fault in faults[:MOST_TOLD]]
    (path, rule), *others = told
    more = [f"{path} {rule}" for path, rule in others]
    if len(faults) > MOST_TOLD:
        more.append(f"and {len(faults) - MOST_TOLD} more")
    return Unreadable(path, "; ".join([rule, *more]))


def _name(fault: Fault) -> str:
    """The field's name. Where a file has no header its first row stands there: that is people."""
    return fault.field if _NAME.fullmatch(fault.field) else "(strange name)"


def _rule(fault: Fault) -> str:
    """The rule without the cell, which may be anybody's name: this text goes into the log."""
    return fault.rule.partition(": ")[0]
