"""WooCommerce's ways of writing ids, units and times, the same on both roads."""

from datetime import datetime
from decimal import Decimal
from typing import Annotated

from pydantic import BeforeValidator, Field

from vouchsafe.pure import instant
from vouchsafe.pure.errors import Invalid
from vouchsafe.pure.parsing import Scalar

# The API's word for an order that is not there, by WC_REST_CRUD_Controller::get_item.
GONE = "woocommerce_rest_shop_order_invalid_id"

# Numbers as a rule; a deletion by a plugin's hook may tell the id as text.
Number = Annotated[str, Field(pattern=r"^[1-9][0-9]{0,17}$", coerce_numbers_to_str=True)]

# Units sold; fractions by plugins.
Units = Annotated[Decimal, Scalar, Field(max_digits=15, decimal_places=6)]


def _moment(value: object) -> datetime:
    try:
        return instant.parse(value if isinstance(value, str) else "", assume_utc=True)
    except (Invalid, OverflowError):
        raise ValueError("must be an ISO 8601 instant in UTC") from None


# The `_gmt` fields: UTC, though they say neither Z nor an offset.
Moment = Annotated[datetime, BeforeValidator(_moment)]
