"""Lambda: lists a window of Shopify's orders on the clock, and records what never arrived."""

from vouchsafe.flow.sweep import sweep

from .api import list_orders
from .read import read_document
from .subscriptions import check

handle = sweep("shopify", list_orders, read_document, calls_a_second=2.0, subscriptions=check)
