"""Asks on the clock what browsers reported: the only way in, for Google Analytics never calls."""

from vouchsafe.flow.record_sighted import record_sighted
from vouchsafe.flow.sweep import sweep

from . import api
from .read import read_document

handle = sweep(
    "google_analytics",
    api.list_orders,
    read_document,
    api.CALLS_A_SECOND,
    sign_in=api.sign_in,
    record=record_sighted,
)
