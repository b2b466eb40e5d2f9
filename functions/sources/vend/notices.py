"""What a webhook tells: which sale has changed, and nothing that is kept. Light: it is the door."""

from vouchsafe.pure.connection import Connection
from vouchsafe.pure.errors import Unreadable
from vouchsafe.pure.hearing import Delivery, Heard, notice_of
from vouchsafe.pure.identity import Identify
from vouchsafe.pure.parsing import Key, Narrow, parsed

from .form import fields

SALE = "sale.update"
# The reasons stand on the door-plate.
IGNORED = frozenset(
    {
        "product.update",
        "customer.update",
        "inventory.update",
        "register_closure.create",
        "consignment.send",
        "consignment.receive",
    }
)
# A form need not say its type. Of all that is told by webhooks, only a sale has one of these.
_OF_A_SALE = ("register_sale_products", "register_sale_payments", "line_items", "sale_date")


class Named(Narrow):
    id: Key


class Shape(Narrow):
    register_sale_products: object = None
    register_sale_payments: object = None
    line_items: object = None
    sale_date: object = None


def notices(delivery: Delivery, connection: Connection, _identify: Identify) -> Heard:
    """The sale that has changed. Its document is an older API's and tells neither codes nor
    versions, so that it is not read. Raises Unreadable."""
    form = fields(delivery.body)
    if "payload" not in form:
        raise Unreadable("payload", "is missing")
    payload = form["payload"].encode("utf-8", "replace")
    event = form.get("type") or _event_of(payload)
    if event != SALE:
        return Heard(event=event, known=event in IGNORED)
    # One action at the till tells of its sale several times: equal notices are worked once.
    notice = notice_of(connection, "sale", parsed(Named, payload).id)
    return Heard(event=event, notices=(notice,))


def _event_of(payload: bytes) -> str:
    shape = parsed(Shape, payload)
    return SALE if any(getattr(shape, each) for each in _OF_A_SALE) else "(no type)"
