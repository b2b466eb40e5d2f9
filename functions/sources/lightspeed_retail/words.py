"""The R-Series' ways of writing money: decimal text without a currency."""

from vouchsafe.pure.connection import Connection
from vouchsafe.pure.money import currency_at

# A sale does not say its currency: the connection must.
CURRENCY = "currency"


def currency_of(connection: Connection) -> str:
    """The account's currency. Raises Unreadable where the connection does not name it."""
    told = connection.options.get(CURRENCY, "")
    return currency_at(told, "options.currency", "must name the account's currency")
