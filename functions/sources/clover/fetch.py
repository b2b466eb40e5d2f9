"""Lambda: gets the orders that Clover's webhooks only name."""

from vouchsafe.flow.fetch import fetch

from . import api
from .read import read_document

handle = fetch("clover", api.fetch, read_document, api.CALLS_A_SECOND, sign_in=api.sign_in)
