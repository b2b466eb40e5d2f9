"""What the control room is asked and answers of VAT."""

from typing import Annotated

from pydantic import Field, StrictStr

from vouchsafe.pure.asking import Said

from .segment_words import Day

Percent = Annotated[StrictStr, Field(pattern=r"^[0-9]{1,2}(\.[0-9]{1,4})?$")]
ClassName = Annotated[StrictStr, Field(pattern=r"^[a-z][a-z0-9_]{0,39}$")]
Place = Annotated[StrictStr, Field(min_length=1, max_length=300)]


class RateSaid(Said):
    """A percentage as decimal text, from a business day on; without places everywhere. A place is
    platform, platform/account or platform/account/location_id, and the most exact one holds."""

    percent: Percent
    holds_from: Day
    places: tuple[Place, ...] = ()


class VatClassSaid(Said):
    """A class by the name that promotions say, and its rates, former ones too."""

    name: ClassName
    rates: tuple[RateSaid, ...]


class VatSaid(Said):
    """The VAT classes. `prices_include_vat`: the discounts that platforms tell hold their tax; at
    the places of `prices_differ_at` it is the other way round."""

    classes: tuple[VatClassSaid, ...]
    prices_include_vat: bool
    prices_differ_at: tuple[Place, ...] = ()
