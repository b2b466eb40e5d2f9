"""Lambda: lists Upserve's checks, which is the only way to hear of them, and keeps what changed."""

from vouchsafe.flow.record_changed import record_changed
from vouchsafe.flow.sweep import sweep

from . import api
from .read import read_document

handle = sweep("upserve", api.list_orders, read_document, api.CALLS_A_SECOND, record=record_changed)
