"""Lambda: gets the orders that Revel's webhooks do not tell whole."""

from vouchsafe.flow.fetch import fetch

from . import api
from .read import read_document

handle = fetch("revel", api.fetch, read_document, api.CALLS_A_SECOND)
