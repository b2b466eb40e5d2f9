"""Drives parked deliveries and documents of WooCommerce again."""

from vouchsafe.flow.replay import replay

from .read import read, read_document

handle = replay("woocommerce", read, read_document)
