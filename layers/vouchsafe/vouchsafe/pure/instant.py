"""Instants in and out: aware UTC inside, ISO 8601 with Z at the edges."""

from datetime import UTC, datetime

from vouchsafe.pure.errors import Invalid

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def parse(text: str, *, assume_utc: bool = False) -> datetime:
    """An ISO 8601 instant in UTC. Raises Invalid without an offset, unless told to assume UTC."""
    try:
        instant = datetime.fromisoformat(text)
    except ValueError as error:
        raise Invalid("instant", f"is not ISO 8601: {text[:40]!r}") from error
    if instant.tzinfo is None:
        if not assume_utc:
            raise Invalid("instant", f"has no offset: {text[:40]!r}")
        instant = instant.replace(tzinfo=UTC)
    return instant.astimezone(UTC)


def text(instant: datetime) -> str:
    """ISO 8601 in UTC with milliseconds and Z: 24 characters, so that text order is time order."""
    utc = instant.astimezone(UTC).replace(tzinfo=None)
    return f"{utc.isoformat(timespec='milliseconds')}Z"
