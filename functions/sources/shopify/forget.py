"""Lambda: takes out of the facts whom Shopify asks us to forget."""

from vouchsafe.flow.forget import forget

handle = forget("shopify")
