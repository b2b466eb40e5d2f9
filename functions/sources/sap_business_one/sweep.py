"""Asks SAP Business One on the clock: the only way in, for it never calls."""

from vouchsafe.flow.sweep import sweep

from . import api
from .read import read_document

handle = sweep(
    "sap_business_one",
    api.list_orders,
    read_document,
    api.CALLS_A_SECOND,
    sign_in=api.sign_in,
)
