"""Square's ways of writing: money as whole minor units with their currency, and names."""

from collections.abc import Iterable
from typing import Annotated

from pydantic import Field, StrictStr

from vouchsafe.pure.errors import Unreadable
from vouchsafe.pure.money import currency_at
from vouchsafe.pure.parsing import Narrow

_MOST = 10**15

# A name of something, short enough to be part of a key; Square's longest id has 192 characters.
Name = Annotated[StrictStr, Field(max_length=255)]


class Money(Narrow):
    """An amount with its sign."""

    amount: Annotated[int, Field(strict=True, ge=-_MOST, le=_MOST)]
    currency: StrictStr


class Taken(Money):
    """An amount that something takes off: never negative."""

    amount: Annotated[int, Field(strict=True, ge=0, le=_MOST)]


def minor(money: Money | None) -> int:
    """Minor units; what is not told is nothing."""
    return money.amount if money else 0


def one_currency(found: Iterable[tuple[str, Money | None]]) -> str:
    """The currency that all of these are in, with the path of each. Raises Unreadable for the
    first that is in another, or in none that ISO 4217 knows, and where there is none at all."""
    places = list(found)
    told = [(path, money.currency) for path, money in places if money]
    if not told:
        raise Unreadable(places[0][0], "is missing")
    currency = currency_at(told[0][1], f"{told[0][0]}.currency")
    for path, other in told:
        if other != currency:
            raise Unreadable(f"{path}.currency", f"must be {currency} like the others")
    return currency
