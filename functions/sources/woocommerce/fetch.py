"""Gets the orders that a delivery only named: refunded, deleted, or told by an action."""

from vouchsafe.flow.fetch import fetch

from . import api
from .read import read_document

handle = fetch("woocommerce", api.fetch, read_document, calls_a_second=4)
