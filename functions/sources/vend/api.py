"""What we ask a shop of the X-Series: the sale that a notice names, and the sales of a window."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

from vouchsafe.pure import instant
from vouchsafe.pure.connection import Connection
from vouchsafe.pure.errors import Invalid
from vouchsafe.pure.facts import Notice
from vouchsafe.pure.hearing import Document
from vouchsafe.pure.pull import Page, Send, Window, document_of

from .access import sign_in
from .calls import CALLS_A_SECOND, SALES_A_PAGE, SALES_AT_ONCE, Plain, Vend
from .versions import Mark, version_before

__all__ = ["CALLS_A_SECOND", "fetch", "list_orders", "sign_in"]

# Versions and update times are given by clocks that need not agree to the second.
_MARGIN = timedelta(minutes=5)
# Of a buyer, only what is made a key of.
_OF_A_CUSTOMER = ("customer_code", "email", "phone", "mobile")


def fetch(send: Send, connection: Connection, notice: Notice) -> tuple[Document, ...]:
    """The sale that a notice names."""
    if notice.kind != "sale":
        raise Invalid("kind", "must be sale")
    shop = _Shop(Vend(send, connection))
    return (shop.document(shop.vend.sale(notice.object_id)),)


def list_orders(send: Send, connection: Connection, window: Window, cursor: str | None) -> Page:
    """One page of a window. The cursor is a version.

    A sale's version is that of its last change, so that sales of a window of placing lie anywhere
    from its start to the newest change; with them come their returns to this day.
    """
    shop = _Shop(Vend(send, connection))
    after = int(cursor) if cursor else version_before(window.start - _MARGIN, shop.marks)
    sales, newest = shop.vend.sales_after(after, SALES_A_PAGE)
    over = window.by == "updated" and any(
        at >= window.end + _MARGIN for at in map(_changed_at, sales) if at
    )
    documents = tuple(shop.documents(sales, window))
    return Page(documents=documents, cursor=str(newest) if sales and not over else None)


class _Shop:
    """A shop, its buyers and originals asked for once each."""

    def __init__(self, vend: Vend) -> None:
        self.vend = vend
        self._known: dict[tuple[str, str], Plain | None] = {}

    def marks(self, version: int) -> list[Mark]:
        """The changes after a version, without those that tell no time."""
        found, _ = self.vend.sales_after(version, SALES_AT_ONCE)
        marks = ((_version(each), _changed_at(each)) for each in found)
        return [Mark(version, at) for version, at in marks if version is not None and at]

    def documents(self, sales: list[Plain], window: Window) -> Iterator[Document]:
        """Those that are of the window; a return is, where the sale that it gives back is."""
        for sale in sales:
            if window.by == "updated":
                if _within(_changed_at(sale), window):
                    yield self.document(sale)
            elif _within(_at(sale, "date", "created_at"), window) or self._gives_back(sale, window):
                yield self.document(sale)

    def document(self, sale: Plain) -> Document:
        """A sale with what it gives back and who bought it, as far as the shop tells."""
        whole: Plain = {"sale": sale}
        original = self._one("sale", _original_id(sale))
        customer = self._one("customer", sale.get("customer_id"))
        if original:
            whole["original"] = original
        if customer:
            whole["customer"] = {name: customer.get(name) for name in _OF_A_CUSTOMER}
        return document_of("sale", whole)

    def _gives_back(self, sale: Plain, window: Window) -> bool:
        original = self._one("sale", _original_id(sale))
        return original is not None and _within(_at(original, "date", "created_at"), window)

    def _one(self, kind: str, object_id: Any) -> Plain | None:
        if not object_id or not isinstance(object_id, str):
            return None
        if (kind, object_id) not in self._known:
            self._known[kind, object_id] = self.vend.known(kind, object_id)
        return self._known[kind, object_id]


def _original_id(sale: Plain) -> Any:
    back = sale.get("return")
    return back.get("original_sale_id") if isinstance(back, dict) else None


def _version(sale: Plain) -> int | None:
    metadata = sale.get("_metadata")
    version = metadata.get("version") if isinstance(metadata, dict) else None
    return version if isinstance(version, int) else None


def _changed_at(sale: Plain) -> datetime | None:
    return _at(sale, "updated_at", "date")


def _at(sale: Plain, *names: str) -> datetime | None:
    """The first of these times that the sale tells."""
    for name in names:
        try:
            return instant.parse(str(sale.get(name) or ""), assume_utc=True)
        except (Invalid, OverflowError):
            continue
    return None


def _within(at: datetime | None, window: Window) -> bool:
    """What tells no time is the reader's to name."""
    return at is None or window.start <= at < window.end
