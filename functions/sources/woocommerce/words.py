"""WooCommerce's ways of writing ids and units, the same on both roads."""

from decimal import Decimal
from typing import Annotated

from pydantic import Field

from vouchsafe.pure.parsing import Scalar

# The API's word for an order that is not there, by WC_REST_CRUD_Controller::get_item.
GONE = "woocommerce_rest_shop_order_invalid_id"

# Numbers as a rule; a deletion by a plugin's hook may tell the id as text.
Number = Annotated[str, Field(pattern=r"^[1-9][0-9]{0,17}$", coerce_numbers_to_str=True)]

# Units sold; fractions by plugins.
Units = Annotated[Decimal, Scalar, Field(max_digits=15, decimal_places=6)]
