"""Lambda: reads parked deliveries of Shopify again."""

from vouchsafe.flow.replay import replay

from .read import read, read_document

handle = replay("shopify", read, read_document)
