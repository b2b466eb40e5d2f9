"""The time of day, asked here and nowhere else."""

from datetime import UTC, datetime


def now() -> datetime:
    """This instant, in UTC, cut to milliseconds: what is stored is what was known."""
    instant = datetime.now(UTC)
    return instant.replace(microsecond=instant.microsecond // 1000 * 1000)
