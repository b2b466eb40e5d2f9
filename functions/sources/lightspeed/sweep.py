"""Finds on the clock what the K-Series' notifications did not bring."""

from vouchsafe.flow.sweep import sweep

from . import api
from .read import read_document

handle = sweep(
    "lightspeed", api.list_orders, read_document, api.CALLS_A_SECOND, sign_in=api.sign_in
)
