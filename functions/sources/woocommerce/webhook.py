"""The door of WooCommerce's deliveries."""

from vouchsafe.flow.webhook import webhook

from .read import read
from .verify import verify

handle = webhook("woocommerce", verify, read)
