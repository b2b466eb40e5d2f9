"""What a webhook leaves in the log: the line that its function prints."""

import io
from contextlib import redirect_stdout

from bench.deliveries import HttpEvent, delivery, door, http_event
from bench.figure import Effort, Section, at_most
from bench.shop import open_shop

# G11, in bytes.
_MOST = 350
_CASES = (
    ("shopify, recorded", "shopify", "orders_paid"),
    ("square, an order is named", "square", "order_updated"),
    ("woocommerce, recorded", "woocommerce", "order_updated.completed"),
    ("shopify, an event we do not know", "shopify", "orders_risk_assessment_changed"),
)


def section(effort: Effort) -> Section:
    effort.tell(0, 1)
    figures = []
    with open_shop():
        for name, platform, stem in _CASES:
            event = http_event(delivery(platform, stem))
            figures.append(at_most(name, _bytes(platform, event), _MOST, unit="bytes", digits=0))
        forged = http_event(delivery("shopify", "orders_paid")) | {"body": "{}"}
        figures.append(
            at_most("shopify, forged", _bytes("shopify", forged), _MOST, unit="bytes", digits=0)
        )
    return Section(
        title="Log of a webhook",
        floor="bytes that the function prints; Lambda's own START, END and REPORT come on top",
        figures=tuple(figures),
        notes=("One line for an invocation, which carries its metrics (EMF) as well.",),
    )


def _bytes(platform: str, event: HttpEvent) -> int:
    """What the function prints, after an environment's first request."""
    handle = door(platform)
    handle(event, None)
    with redirect_stdout(io.StringIO()) as printed:
        handle(event, None)
    return len(printed.getvalue().encode())
