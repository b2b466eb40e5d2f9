"""Lambda: lists what Square's webhooks may have missed."""

from vouchsafe.flow.sweep import sweep

from . import api
from .read import read_document
from .subscriptions import check

handle = sweep("square", api.list_orders, read_document, api.CALLS_A_SECOND, subscriptions=check)
