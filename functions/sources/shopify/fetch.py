"""Lambda: fetches the orders that an edit named."""

from vouchsafe.flow.fetch import fetch

from . import api
from .read import read_document

handle = fetch("shopify", api.fetch, read_document, calls_a_second=2.0)
