"""Writes down the shop's own list of a business day, for the books."""

from vouchsafe.flow.statement import statement

from .api import list_orders
from .read import read_document

handle = statement("woocommerce", list_orders, read_document, calls_a_second=4)
