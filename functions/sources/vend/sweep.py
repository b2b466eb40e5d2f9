"""Lambda: lists what the X-Series' webhooks may have missed."""

from vouchsafe.flow.sweep import sweep

from . import api
from .read import read_document
from .subscriptions import check

handle = sweep(
    "vend",
    api.list_orders,
    read_document,
    api.CALLS_A_SECOND,
    sign_in=api.sign_in,
    subscriptions=check,
)
