"""Switching a promotion on or off: an approver's own, at once, and over whatever stands by then."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
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


def switched(promotion_id: str, action: Action, at: datetime) -> tuple[Rows, tuple[Seen, ...]]:
    """The promotion's row as it stands, but for its status and since when it is off, and which
    version of it that is.

    Raises Absent; Conflict where there is nothing to switch.
    """
    key = promotion_key(promotion_id)
    held = register_table.held([key], register_table.snapshot()).get(key)
    if held is None or not isinstance(held.entry, Promotion):
        raise Absent(f"promotion {promotion_id}")
    allowed, status = _SWITCHES[action]
    if held.entry.status not in allowed:
        raise Conflict(f"the promotion is {held.entry.status}: nobody can {action} it")
    off_since = None if status == "active" else held.entry.off_since or at
    kind, rows = rows_of_entry(replace(held.entry, status=status, off_since=off_since))
    return {kind: rows}, (Seen(*key, held.version),)


def promotion_switched(rows: Rows) -> str:
    """Which promotion a switch is about."""
    return rows["promotions"][0]["promotion_id"]
