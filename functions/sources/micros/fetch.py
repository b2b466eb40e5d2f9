"""Lambda: fetches the checks that Simphony's notifications named."""

from vouchsafe.flow.fetch import fetch

from . import api
from .read import read_document

handle = fetch("micros", api.fetch, read_document, api.CALLS_A_SECOND, sign_in=api.sign_in)
