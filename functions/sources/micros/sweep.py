"""Lambda: lists the checks that Simphony's notifications, which come once, left out."""

from vouchsafe.flow.sweep import sweep

from . import api
from .read import read_document

handle = sweep("micros", api.list_orders, read_document, api.CALLS_A_SECOND, sign_in=api.sign_in)
