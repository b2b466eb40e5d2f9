"""Writes down the K-Series' own list of a business day, for the books."""

from vouchsafe.flow.statement import statement

from . import api
from .read import read_document

handle = statement(
    "lightspeed", api.list_orders, read_document, api.CALLS_A_SECOND, sign_in=api.sign_in
)
