"""Stock levels: how much of a sku is left at a place, as somebody counted it."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Level:
    """So many units were left when they were counted, and nobody knows after `good_until`.

    `sku` is folded. Without a location it is what the whole account has. A till that sells what it
    has not got counts below nothing.
    """

    sku: str
    left: int
    counted_at: datetime
    good_until: datetime
    location_id: str | None = None


def left_at(
    levels: Iterable[Level], location_id: str | None, now: datetime
) -> tuple[tuple[str, int], ...]:
    """Units by sku at a place: its own count before its account's, and none that is too old."""
    found: dict[str, Level] = {}
    for level in levels:
        if level.good_until <= now or level.location_id not in (None, location_id):
            continue
        if level.sku not in found or level.location_id is not None:
            found[level.sku] = level
    return tuple(sorted((sku, level.left) for sku, level in found.items()))
