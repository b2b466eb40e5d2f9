"""Toast's ways of writing: doubles without a currency, and 1970 for never."""

from datetime import datetime
from typing import Annotated

from pydantic import BeforeValidator

from vouchsafe.pure import instant
from vouchsafe.pure.connection import Connection
from vouchsafe.pure.errors import Invalid
from vouchsafe.pure.instant import EPOCH
from vouchsafe.pure.money import currency_at

# No order says its currency: the connection must.
CURRENCY = "currency"


def _moment(value: object) -> datetime | None:
    """An instant such as `2024-04-01T15:09:30.223+0000`; the beginning of 1970 means never."""
    if value in (None, ""):
        return None
    try:
        said = instant.parse(value if isinstance(value, str) else "")
    except (Invalid, OverflowError):
        raise ValueError("must be an ISO 8601 instant with its offset") from None
    return said if said > EPOCH else None


Moment = Annotated[datetime | None, BeforeValidator(_moment)]


def currency_of(connection: Connection) -> str:
    """The account's currency. Raises Unreadable where the connection does not name it."""
    told = connection.options.get(CURRENCY, "")
    return currency_at(told, "options.currency", "must name the account's currency")
