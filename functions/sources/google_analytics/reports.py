"""The reports that we ask for, and their columns; one day each, for each says if its day is whole.

Source: Google, Data API dimensions and metrics, read 2026-11-20. A `customEvent:` column is there
once the shop has registered the parameter as a custom dimension.
"""

from dataclasses import dataclass

from vouchsafe.pure.connection import Connection
from vouchsafe.pure.errors import Invalid

from .words import PURCHASE, REFUND, applied_event

PURCHASES, REFUNDS, APPLIED = "purchases", "refunds", "applied"

DATE, TRANSACTION, CURRENCY, ORDER_COUPON = "date", "transactionId", "currencyCode", "orderCoupon"
COUPON, RESULT = "customEvent:coupon", "customEvent:result"
CHECKOUT = "customEvent:checkout_id"
PURCHASED_TIMES, REVENUE = "ecommercePurchases", "purchaseRevenue"
TIMES, REFUNDED = "eventCount", "refundAmount"

# Options of a connection: which reports are asked for, and the bucket that the export is in.
WISHED, BUCKET = "reports", "bucket"
_USUAL = f"{PURCHASES},{REFUNDS},{APPLIED}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """One kind of report: its columns, and the only event that it counts."""

    dimensions: tuple[str, ...]
    metrics: tuple[str, ...]
    event: str


def report(kind: str, connection: Connection) -> Report:
    """The report of that kind. Raises Invalid where there is none."""
    match kind:
        case "purchases":
            return Report(
                dimensions=(DATE, TRANSACTION, ORDER_COUPON, CURRENCY),
                metrics=(PURCHASED_TIMES, REVENUE),
                event=PURCHASE,
            )
        case "refunds":
            return Report(
                dimensions=(DATE, TRANSACTION, CURRENCY), metrics=(TIMES, REFUNDED), event=REFUND
            )
        case "applied":
            return Report(
                dimensions=(DATE, COUPON, RESULT, CHECKOUT),
                metrics=(TIMES,),
                event=applied_event(connection),
            )
        case _:
            raise Invalid("options.reports", f"must be of {_USUAL}, and not {kind!r}")


def wished(connection: Connection) -> tuple[str, ...]:
    """The kinds to ask for. Where there is an export it tells everything, and tells it better: then
    only what is named."""
    usual = "" if connection.options.get(BUCKET) else _USUAL
    said = connection.options.get(WISHED, usual)
    return tuple(kind.strip() for kind in said.split(",") if kind.strip())
