"""Where in the shop's changes an instant lies: its sales are listed by version, never by time."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

# Versions are counted over all of the vendor's shops, so that one shop's lie far apart.
_FIRST_STEP = 2**20
# Near enough: what is listed needlessly is left out by its time.
_NEAR = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class Mark:
    """A change: its version, and when it was made."""

    version: int
    at: datetime


# The next changes after a version, oldest first; none after the last.
After = Callable[[int], Sequence[Mark]]


def version_before(start: datetime, after: After) -> int:
    """A version after which every change from `start` on is listed, and few before it."""
    low, high = Mark(0, start), None
    probe, step = 0, _FIRST_STEP
    tried: set[int] = set()
    while True:
        found = after(probe)
        tried.add(probe)
        early = [each for each in found if each.at < start]
        if len(early) < len(found) or not found:
            if early:
                return early[-1].version
            high = probe
        else:
            low = early[-1]
        if _is_near(low, start) or (high is not None and high <= low.version):
            return low.version
        # Right after what is known to be early lie the next changes, if that was not looked at.
        if high is not None and low.version not in tried:
            probe = low.version
        elif high is not None:
            probe = (low.version + high) // 2
        else:
            probe, step = low.version + step, step * 2
        if probe in tried:
            return low.version


def _is_near(low: Mark, start: datetime) -> bool:
    return low.version > 0 and start - low.at <= _NEAR
