"""Google Analytics' ways of writing: what is not set, several codes in one text, money of a page.

A browser fills the values, and anybody may play one: a value that makes no sense is not told, and
never stands in the way of the rows beside it. What is Google's own is read strictly.
"""

import re
from collections.abc import Iterable
from contextlib import suppress
from datetime import date
from decimal import ROUND_HALF_UP, Decimal, InvalidOperation
from hashlib import sha256
from typing import Annotated

from pydantic import BeforeValidator

from vouchsafe.pure.codes import canonical
from vouchsafe.pure.connection import Connection
from vouchsafe.pure.errors import Invalid
from vouchsafe.pure.money import exponent, minor_units

# Options of a connection.
SEPARATOR, APPLIED_EVENT = "separator", "applied_event"
USUAL_SEPARATOR, USUAL_APPLIED_EVENT = "|", "code_applied"
PURCHASE, REFUND = "purchase", "refund"
ACCEPTED = "accepted"
_NOT_SET = "(not set)"
# No order has so long an id, and it is a part of a key: Google cuts values at 100 characters.
_LONGEST_ID_BYTES = 300
_EIGHT_DIGITS = re.compile("[0-9]{8}")


def parse_day(value: object) -> date:
    """A day of the property. Raises ValueError."""
    if isinstance(value, str) and _EIGHT_DIGITS.fullmatch(value):
        with suppress(ValueError):
            return date(int(value[:4]), int(value[4:6]), int(value[6:]))
    raise ValueError("must be a day such as 20261120")


Day = Annotated[date, BeforeValidator(parse_day)]


def told(text: str | None) -> str:
    """The text without blanks around it; empty where nothing was set."""
    bare = (text or "").strip()
    return "" if bare.casefold() == _NOT_SET else bare


def transaction(*texts: str | None) -> str:
    """The shop's id of an order, the first that is told; empty where none is, or none can be."""
    found = next(filter(None, map(told, texts)), "")
    return found if len(found.encode()) <= _LONGEST_ID_BYTES else ""


def codes(texts: Iterable[str | None], connection: Connection) -> tuple[str, ...]:
    """The codes in these texts, canonical, once each, in the order of their first naming."""
    separator = connection.options.get(SEPARATOR) or USUAL_SEPARATOR
    parts = (part for text in texts for part in told(text).split(separator))
    found = (canonical(told(part)) for part in parts)
    return tuple(dict.fromkeys(each for each in found if each))


def applied_event(connection: Connection) -> str:
    """What the shop's pages call a code that was entered at the checkout."""
    return connection.options.get(APPLIED_EVENT) or USUAL_APPLIED_EVENT


def currency(text: str | None) -> str | None:
    """The currency; None for what ISO 4217 does not list."""
    code = told(text).upper()
    try:
        exponent(code)
    except Invalid:
        return None
    return code


def minor(amount: Decimal | None, of: str | None) -> int | None:
    """Minor units, rounded half up, for a page reckons in binary fractions; None for no money."""
    if amount is None or of is None:
        return None
    try:
        return minor_units(amount.quantize(Decimal(1).scaleb(-exponent(of)), ROUND_HALF_UP), of)
    except (Invalid, InvalidOperation):
        return None


def digest(*parts: str) -> str:
    """One short name for several, out of which none can be read again."""
    return sha256("\0".join(parts).encode()).hexdigest()[:32]
