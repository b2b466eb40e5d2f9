"""Orders put together: their items, payments and customers are resources of their own."""

import re
from collections.abc import Iterator, Sequence
from datetime import datetime
from decimal import Decimal, InvalidOperation

from vouchsafe.pure.connection import Connection
from vouchsafe.pure.errors import Unreadable
from vouchsafe.pure.hearing import Document
from vouchsafe.pure.pull import Window, document_of

from .calls import Plain, Revel
from .clock import Clock
from .words import reference

# What a till writes on an order that gives another one back. Nothing else tells which.
_OF_ORDER = re.compile(r"\brefund(?:ed)? (?:of|for) order #?([0-9]{1,18})\b", re.IGNORECASE)
# Of a customer, only what is made a key of.
_OF_A_CUSTOMER = ("id", "email", "phone_number")


class Whole:
    """Orders of one page, each with what belongs to it; what several share is asked for once."""

    def __init__(self, revel: Revel) -> None:
        self._revel = revel
        self._known: dict[str, Plain] = {}

    def documents(self, orders: Sequence[Plain]) -> Iterator[Document]:
        """The orders as documents, in their order."""
        if not orders:
            return
        originals = self._originals(orders)
        ids = [refers_to(each.get("id")) for each in (*orders, *originals.values())]
        items = self._parts("OrderItem", ids)
        payments = self._parts("Payment", ids[: len(orders)])
        customers = self._customers(orders)
        for order in orders:
            order_id = refers_to(order.get("id"))
            own: Plain = {"items": items.get(order_id, []), "payments": payments.get(order_id, [])}
            buyer = customers.get(refers_to(order.get("customer")))
            whole: Plain = {"order": {**order, **own, **({"customer": buyer} if buyer else {})}}
            original = originals.get(_original_id(order))
            if original:
                sold = items.get(refers_to(original.get("id")), [])
                whole["original"] = {"id": original.get("id"), "items": sold}
            yield document_of("order", whole)

    def original(self, order: Plain) -> Plain | None:
        """The order that a return names, where there is such a one."""
        return self._originals([order]).get(_original_id(order))

    def _originals(self, orders: Sequence[Plain]) -> dict[str, Plain]:
        named = {_original_id(each) for each in orders} - {""}
        found = self._revel.every("Order", "id", named - self._known.keys())
        self._known |= {refers_to(each.get("id")): each for each in found}
        return {each: self._known[each] for each in named if each in self._known}

    def _parts(self, resource: str, ids: Sequence[str]) -> dict[str, list[Plain]]:
        """Items or payments, by the order that they belong to."""
        parts: dict[str, list[Plain]] = {}
        for each in self._revel.every(resource, "order", filter(None, ids)):
            parts.setdefault(refers_to(each.get("order")), []).append(each)
        return parts

    def _customers(self, orders: Sequence[Plain]) -> dict[str, Plain]:
        ids = filter(None, (refers_to(each.get("customer")) for each in orders))
        found = self._revel.every("Customer", "id", ids)
        return {
            refers_to(each.get("id")): {name: each.get(name) for name in _OF_A_CUSTOMER}
            for each in found
        }


def refers_to(value: object) -> str:
    """The id that a reference leads to; empty where that cannot be told."""
    try:
        return reference(value) or ""
    except ValueError:
        return ""


def gives_back(payment: Plain) -> bool:
    """Whether a payment is below zero."""
    return _amount(payment, "amount") < 0


def names_another(order: Plain) -> bool:
    """Whether an order takes no money and names an order that it gives back."""
    return bool(_original_id(order))


def is_within(order: Plain, field: str, window: Window, connection: Connection) -> bool:
    """Whether the order's time lies in the window. What tells none is the reader's to name."""
    try:
        clock = Clock(connection.options, refers_to(order.get("establishment")))
        at = clock.instant(datetime.fromisoformat(str(order.get(field))), field)
    except (ValueError, Unreadable):
        return True
    return window.start <= at < window.end


def _original_id(order: Plain) -> str:
    """The order that an order says it is the refund of; empty where it names none, or sells."""
    notes = order.get("notes")
    named = _OF_ORDER.search(notes) if isinstance(notes, str) else None
    return named.group(1) if named and _amount(order, "final_total") <= 0 else ""


def _amount(told: Plain, field: str) -> Decimal:
    """An amount; what cannot be told is the reader's to name, and not below zero."""
    try:
        amount = Decimal(str(told.get(field)))
    except InvalidOperation:
        return Decimal(1)
    return amount if amount.is_finite() else Decimal(1)
