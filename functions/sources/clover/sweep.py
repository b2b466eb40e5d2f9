"""Lambda: lists what Clover's webhooks may have missed."""

from vouchsafe.flow.sweep import sweep

from . import api
from .read import read_document

handle = sweep("clover", api.list_orders, read_document, api.CALLS_A_SECOND, sign_in=api.sign_in)
