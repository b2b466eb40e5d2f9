"""Shopify's ways of writing numbers and money, on both roads: webhook and Admin API."""

from decimal import Decimal
from typing import Annotated, Any

from pydantic import AliasChoices, AliasPath, Field, StringConstraints

from vouchsafe.pure.errors import Invalid, Unreadable
from vouchsafe.pure.money import minor_units
from vouchsafe.pure.parsing import path_of

# A webhook writes ids as numbers, the API as `gid://shopify/Order/1`; what counts is the number.
_GID = r"^(gid://shopify/[A-Za-z]+/)?[0-9]{1,20}$"
Number = Annotated[str, Field(pattern=_GID, coerce_numbers_to_str=True)]

# Major units, as text until their currency is known: to pydantic a decimal costs ten times as much.
# Fifteen digits are more than any bill; four places are ISO 4217's longest unit.
_DECIMAL = r"^-?[0-9]{1,15}(\.[0-9]{1,4})?$"
Amount = Annotated[str, Field(pattern=_DECIMAL, coerce_numbers_to_str=True)]

# `paid` in a webhook is `PAID` in the API.
Word = Annotated[str, StringConstraints(to_lower=True, max_length=64)]

# What a merchant typed: Shopify allows 255 characters; far more would outgrow our own records.
Text = Annotated[str, Field(max_length=1024)]


def shop_money(name: str, **settings: Any) -> Any:
    """A field that holds money in the shop's own currency, never in the buyer's.

    `x_set.shop_money` where it is told; a plain `x` is in the shop's currency by the vendor's word.
    """
    in_set = AliasPath(f"{name}_set", "shop_money", "amount")
    return Field(validation_alias=AliasChoices(in_set, name), **settings)


def number(raw: str) -> str:
    """The bare number of an id."""
    return raw.rpartition("/")[2]


def minor(amount: str | Decimal | None, currency: str, *where: str | int) -> int:
    """Minor units, 0 for no amount. Raises Unreadable where the currency cannot say that amount."""
    if not amount:
        return 0
    try:
        return minor_units(amount, currency)
    except Invalid as error:
        raise Unreadable(path_of(where), error.rule) from error
