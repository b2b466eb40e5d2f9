"""The R-Series' ways of writing money: decimal text without a currency."""

from decimal import ROUND_HALF_UP, Decimal

from vouchsafe.pure.connection import Connection
from vouchsafe.pure.errors import Invalid, Unreadable
from vouchsafe.pure.money import exponent, minor_units

# A sale does not say its currency: the connection must.
CURRENCY = "currency"


def currency_of(connection: Connection) -> str:
    """The account's currency. Raises Unreadable where the connection does not name it."""
    currency = connection.options.get(CURRENCY, "")
    try:
        exponent(currency)
    except Invalid as error:
        raise Unreadable("options.currency", "must name the account's currency") from error
    return currency


def minor(amount: Decimal, currency: str, path: str) -> int:
    """Minor units. Raises Unreadable with the path where the currency has no such amount."""
    try:
        return minor_units(amount, currency)
    except Invalid as error:
        raise Unreadable(path, error.rule) from error


def rounded(amount: Decimal, currency: str, path: str) -> int:
    """Minor units, rounded half up: prices of measured goods and their discounts have fractions."""
    if amount.adjusted() > 15:
        return minor(amount, currency, path)
    unit = Decimal(1).scaleb(-exponent(currency))
    return minor(amount.quantize(unit, ROUND_HALF_UP), currency, path)
