"""An order as a shop without a till of its own tells it to our API: our own format, in JSON.

The shops' API writes it, the room `direct` reads it. People are identity keys already.
"""

from datetime import datetime

from pydantic import BaseModel, ConfigDict, Field, StrictInt, StrictStr

from vouchsafe.pure.parsing import Quantity

KIND = "order"


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)


class ToldLine(_Part):
    """One line; `gross_minor` is before discounts."""

    line_id: StrictStr = Field(min_length=1)
    quantity: Quantity
    gross_minor: StrictInt
    sku: StrictStr | None = None
    category: StrictStr | None = None


class ToldDiscount(_Part):
    """What a code took off, with the shares that were frozen when it was redeemed."""

    code: StrictStr = Field(min_length=1)
    amount_minor: StrictInt = Field(ge=0)
    shares: tuple[tuple[StrictStr, StrictInt], ...] = ()
    in_kind: bool = False


class ToldReturn(_Part):
    """Units that came back, and the money that was given for them."""

    return_id: StrictStr = Field(min_length=1)
    at: datetime
    amount_minor: StrictInt = Field(ge=0)
    lines: tuple[tuple[StrictStr, Quantity], ...]


class ToldOrder(_Part):
    """The order as it stands after the call that told it; `version` rises with each."""

    order_id: StrictStr = Field(min_length=1)
    version: StrictInt = Field(ge=1)
    currency: StrictStr
    placed_at: datetime
    updated_at: datetime
    confirmed_at: datetime | None = None
    reversed_at: datetime | None = None
    reversed_because: StrictStr | None = None
    location_id: StrictStr | None = None
    customer: tuple[StrictStr, ...] = ()
    shipping_minor: StrictInt = Field(default=0, ge=0)
    lines: tuple[ToldLine, ...] = ()
    discounts: tuple[ToldDiscount, ...] = ()
    returns: tuple[ToldReturn, ...] = ()
