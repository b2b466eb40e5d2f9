"""WooCommerce's ways of writing ids, times and money, the same on both roads."""

from datetime import datetime
from decimal import ROUND_HALF_UP, Decimal
from typing import Annotated

from pydantic import BeforeValidator, Field

from vouchsafe.pure import instant
from vouchsafe.pure.errors import Invalid, Unreadable
from vouchsafe.pure.money import exponent, minor_units
from vouchsafe.pure.parsing import Scalar

# The API's word for an order that is not there, by WC_REST_CRUD_Controller::get_item.
GONE = "woocommerce_rest_shop_order_invalid_id"

# Numbers as a rule; a deletion by a plugin's hook may tell the id as text.
Number = Annotated[str, Field(pattern=r"^[1-9][0-9]{0,17}$", coerce_numbers_to_str=True)]

# Units sold; fractions by plugins.
Units = Annotated[Decimal, Scalar, Field(max_digits=15, decimal_places=6)]

# Major units, as text; plugins may make numbers of them.
Amount = Annotated[Decimal, Scalar, Field(max_digits=38, allow_inf_nan=False)]


def _moment(value: object) -> datetime:
    try:
        return instant.parse(value if isinstance(value, str) else "", assume_utc=True)
    except (Invalid, OverflowError):
        raise ValueError("must be an ISO 8601 instant in UTC") from None


# The `_gmt` fields: UTC, though they say neither Z nor an offset.
Moment = Annotated[datetime, BeforeValidator(_moment)]


def minor(amount: Decimal, currency: str, path: str) -> int:
    """Minor units. Raises Unreadable with the path where the currency has no such amount."""
    try:
        return minor_units(amount, currency)
    except Invalid as error:
        raise Unreadable(path, error.rule) from error


def rounded(amount: Decimal, currency: str, path: str) -> int:
    """Minor units of a coupon's discount: the one amount that a shop may hand out unrounded.

    Source: woocommerce/woocommerce issue 35821; its `dp` is not applied to coupon lines.
    """
    if amount.adjusted() > 15:
        return minor(amount, currency, path)
    unit = Decimal(1).scaleb(-exponent(currency))
    return minor(amount.quantize(unit, ROUND_HALF_UP), currency, path)
