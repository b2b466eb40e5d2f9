"""Lambda: gets the orders and refunds that Square's webhooks only name."""

from vouchsafe.flow.fetch import fetch

from . import api
from .read import read_document

handle = fetch("square", api.fetch, read_document, api.CALLS_A_SECOND)
