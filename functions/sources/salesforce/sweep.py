"""Asks on the clock which codes were given to whom, and what became of vouchers."""

from vouchsafe.flow.record_touched import record_touched
from vouchsafe.flow.sweep import sweep

from . import api
from .read import read_document

handle = sweep(
    "salesforce",
    api.list_orders,
    read_document,
    api.CALLS_A_SECOND,
    sign_in=api.sign_in,
    record=record_touched,
)
