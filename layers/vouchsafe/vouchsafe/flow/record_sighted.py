"""The way in for rooms that hear of front ends: sightings beside the ledger, never in it."""

from collections.abc import Iterable

from vouchsafe.edge import sightings_table
from vouchsafe.pure.errors import Invalid
from vouchsafe.pure.hearing import Saying
from vouchsafe.pure.sighting import Sighting


def record_sighted(sayings: Iterable[Saying]) -> int:
    """Keeps the sightings; how many were new or told otherwise. Raises Unavailable."""
    return sightings_table.keep(map(_sighting, sayings))


def _sighting(saying: Saying) -> Sighting:
    """A front end has no part in the ledger, whatever it says."""
    if not isinstance(saying, Sighting):
        raise Invalid("saying", "must be a sighting: a front end tells no facts")
    return saying
