"""Revel's times have no zone: whoever connects an establishment says which one it keeps."""

from collections.abc import Mapping
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from vouchsafe.pure.business_day import zone
from vouchsafe.pure.errors import Invalid, Unreadable

# Options of a connection: the instance's zone, and that of one establishment, `zone_12`.
ZONE = "zone"
_OF_ONE = "zone_"
_MISSING = "is missing: Revel's times do not say theirs"


class Clock:
    """The clock of one establishment."""

    def __init__(self, options: Mapping[str, str], establishment: str | None) -> None:
        self._zone = _zone(options, establishment)

    def instant(self, stamp: datetime, path: str) -> datetime:
        """The instant of a date and time. An hour that an autumn change shows twice is read as
        its first showing. Raises Unreadable at the ends of the calendar."""
        try:
            local = stamp if stamp.tzinfo else stamp.replace(tzinfo=self._zone)
            at = local.astimezone(UTC)
        except OverflowError:
            raise Unreadable(path, "must be within the calendar") from None
        # Facts keep milliseconds; Revel writes six digits now and then.
        return at.replace(microsecond=at.microsecond // 1000 * 1000)


def zones(options: Mapping[str, str]) -> list[ZoneInfo]:
    """Every zone that the establishments keep. Raises Invalid where none is told."""
    names = [name for name in options if name == ZONE or name.startswith(_OF_ONE)]
    if not names:
        raise Invalid(f"options.{ZONE}", _MISSING)
    return [zone(options[name]) for name in sorted(names)]


def _zone(options: Mapping[str, str], establishment: str | None) -> ZoneInfo:
    own = f"{_OF_ONE}{establishment}"
    name = own if own in options else ZONE
    if name not in options:
        raise Unreadable(f"options.{name}", _MISSING)
    try:
        return zone(options[name])
    except Invalid as error:
        raise Unreadable(f"options.{name}", error.rule) from error
