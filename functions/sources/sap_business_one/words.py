"""SAP Business One's ways of writing: local dates and times, numbers in the company's currency."""

from datetime import UTC, date, datetime, time
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from vouchsafe.pure.connection import Connection
from vouchsafe.pure.errors import Unreadable
from vouchsafe.pure.money import currency_at

# Options of a connection: the company's own currency, the server's zone, the user field of a code.
CURRENCY, ZONE, CODE_FIELD, CONFIRMED_WHEN = "currency", "zone", "code_field", "confirmed_when"
# The business partners to whom sales to nobody in particular are posted, with commas between.
WALK_IN = "walk_in"
USUAL_CODE_FIELD = "U_PromoCode"


def currency_of(connection: Connection) -> str:
    """The company's currency, in which every total stands. Raises Unreadable without one."""
    told = connection.options.get(CURRENCY, "")
    return currency_at(told, "options.currency", "must name the company's currency")


def zone_of(connection: Connection) -> ZoneInfo:
    """The server's zone: no document tells it. Raises Unreadable where none is set."""
    try:
        return ZoneInfo(connection.options.get(ZONE, ""))
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise Unreadable("options.zone", "must be the server's IANA zone") from error


def moment(day: date, at: time | None, zone: ZoneInfo) -> datetime:
    """An instant of the server's clock, in UTC."""
    return datetime.combine(day, at or time(), zone).astimezone(UTC)
