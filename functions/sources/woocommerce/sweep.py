"""Finds on the clock what WooCommerce, which never repeats a delivery, did not bring."""

from vouchsafe.flow.sweep import sweep

from .api import list_orders
from .read import read_document
from .subscriptions import check

handle = sweep("woocommerce", list_orders, read_document, calls_a_second=4, subscriptions=check)
