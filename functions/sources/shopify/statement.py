"""Lambda: writes Shopify's own list of a closed day, for the books."""

from vouchsafe.flow.statement import statement

from .api import list_orders
from .read import read_document

handle = statement("shopify", list_orders, read_document, calls_a_second=2.0)
