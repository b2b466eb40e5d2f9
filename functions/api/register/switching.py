"""Switching a promotion on or off: an approver's own, at once, and over whatever stands by then."""

from collections.abc import Mapping
from typing import Literal

from vouchsafe.edge import register_table
from vouchsafe.pure.errors import Absent, Conflict
from vouchsafe.pure.proposal import Action, Rows
from vouchsafe.pure.register import Promotion, Status
from vouchsafe.pure.register_entries import promotion_key
from vouchsafe.pure.register_load import Seen
from vouchsafe.pure.register_told import rows_of_entry

Switch = Literal["pause", "resume", "retire"]
# From which states, and to which; what is retired stays so.
_SWITCHES: Mapping[Action, tuple[frozenset[Status], Status]] = {
    "pause": (frozenset({"active"}), "paused"),
    "resume": (frozenset({"paused"}), "active"),
    "retire": (frozenset({"active", "paused"}), "retired"),
}


def switched(promotion_id: str, action: Action) -> tuple[Rows, tuple[Seen, ...]]:
    """The promotion's row as it stands, but for its status, and which version of it that is.

    Raises Absent; Conflict where there is nothing to switch.
    """
    key = promotion_key(promotion_id)
    held = register_table.held([key], register_table.snapshot()).get(key)
    if held is None or not isinstance(held.entry, Promotion):
        raise Absent(f"promotion {promotion_id}")
    allowed, status = _SWITCHES[action]
    if held.entry.status not in allowed:
        raise Conflict(f"the promotion is {held.entry.status}: nobody can {action} it")
    kind, rows = rows_of_entry(held.entry)
    return {kind: [{**row, "status": status} for row in rows]}, (Seen(*key, held.version),)


def promotion_switched(rows: Rows) -> str:
    """Which promotion a switch is about."""
    return rows["promotions"][0]["promotion_id"]
