"""Lambda: lists what Revel's webhooks may have missed, and the returns, which none announces."""

from vouchsafe.flow.sweep import sweep

from . import api
from .announced import announced
from .read import read_document

handle = sweep("revel", api.list_orders, read_document, api.CALLS_A_SECOND, announced=announced)
