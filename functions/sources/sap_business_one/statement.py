"""Writes down SAP Business One's own list of a day, for the books."""

from vouchsafe.flow.statement import statement

from . import api
from .read import read_document

handle = statement(
    "sap_business_one",
    api.list_orders,
    read_document,
    api.CALLS_A_SECOND,
    sign_in=api.sign_in,
)
