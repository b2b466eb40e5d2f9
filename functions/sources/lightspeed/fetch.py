"""Asks for the sales that notifications say are closed: only the answer confirms them."""

from vouchsafe.flow.fetch import fetch

from . import api
from .read import read_document

handle = fetch("lightspeed", api.fetch, read_document, api.CALLS_A_SECOND, sign_in=api.sign_in)
