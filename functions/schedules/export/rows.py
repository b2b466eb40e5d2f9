"""Rows of the datasets, pure: what ledger, credits, alarms and books hold of a day."""

from collections.abc import Iterable, Iterator, Mapping
from datetime import date, datetime
from decimal import Decimal

from vouchsafe.pure import instant
from vouchsafe.pure.alarm import Alarm
from vouchsafe.pure.books import DayResult
from vouchsafe.pure.credit import MODELS, Credit
from vouchsafe.pure.facts import OrderKey
from vouchsafe.pure.fidelity import DayFidelity, findings
from vouchsafe.pure.money import exponent
from vouchsafe.pure.order import Order
from vouchsafe.pure.posting import Document
from vouchsafe.pure.redemption import Redemption, Unmapped

from .columns import Dataset

Cell = str | int | bool | None
Row = Mapping[str, object]


def cells(dataset: Dataset, row: Row) -> tuple[Cell, ...]:
    """A row's cells in the dataset's order, amounts in major units added."""
    currency = str(row.get("currency") or "")
    plain = [_cell(row.get(name)) for name, _ in dataset.columns]
    return (*plain, *(_major(row.get(name), currency) for name in dataset.money))


def redemption_rows(row: Redemption | Unmapped) -> Iterator[Row]:
    """One row: a code on an order, or a discount that stands for none."""
    said = _order_cells(row.key, row.business_day, row.currency, row.location_id) | {
        "state": row.state,
        "discount_minor": row.discount_minor,
        "returned_minor": row.returned_minor,
        "redeemed_at": row.redeemed_at,
    }
    if isinstance(row, Unmapped):
        yield said | {"kind": "unmapped", "alias": row.alias(), "discount_name": row.name}
        return
    yield said | {
        "kind": "code",
        "code": row.code,
        "code_raw": row.code_raw,
        "generation": row.generation,
        "revenue_minor": row.revenue_minor,
        "confirmed_at": row.confirmed_at,
        "ended_at": row.ended_at,
        "because": row.because,
        "promotions": "|".join(row.promotions),
        "code_known": row.code_known,
        "no_effect": row.no_effect,
        "estimated": row.estimated,
        "channel": row.channel,
        "staff": row.staff,
        "customer": row.customer[0] if row.customer else None,
    }


def order_rows(order: Order, day: date) -> Iterator[Row]:
    """One row: an order as it stands."""
    said = {
        name: getattr(order, name)
        for name in (
            "stage", "placed_at", "confirmed_at", "reversed_at", "returned_at", "updated_at",
            "gross_minor", "discount_minor", "tax_minor", "tip_minor", "total_minor", "net_minor",
            "refunded_minor", "returned_net_minor", "channel", "staff", "test", "sums_foot",
            "estimated",
        )
    }  # fmt: skip
    place = _order_cells(order.key, day, order.currency, order.location_id)
    yield place | said | {"customer": order.customer[0] if order.customer else None}


def attribution_rows(credit: Credit) -> Iterator[Row]:
    """A row for each share of each model; a redemption that nobody gets credit for has none."""
    said = _order_cells(credit.key, credit.business_day, credit.currency, None) | {
        "item_id": credit.item_id,
        "code": credit.code,
        "state": credit.state,
        "influence_class": credit.influence_class,
        "low_value": credit.low_value,
        "evidence": "|".join(credit.evidence),
    }
    for share in credit.shares:
        for at, model in enumerate(MODELS):
            yield said | {
                "model": model,
                "touch_channel": share.channel,
                "campaign": share.campaign,
                "own": share.own,
                "revenue_minor": share.minor[at],
                "millionths": share.millionths[at],
            }


def alarm_rows(alarm: Alarm) -> Iterator[Row]:
    """A row for each currency that is at risk, at least one."""
    for currency, at_risk in alarm.at_risk or ((None, None),):
        yield {
            "alarm_id": alarm.alarm_id,
            "rule": alarm.rule,
            "code": alarm.code,
            "business_day": alarm.day,
            "state": alarm.state,
            "opened_at": alarm.opened_at,
            "updated_at": alarm.updated_at,
            "cleared_at": alarm.cleared_at,
            "orders": alarm.orders,
            "currency": currency,
            "at_risk_minor": at_risk,
            "evidence": "|".join(each.order for each in alarm.evidence),
        }


def break_rows(result: DayResult) -> Iterator[Row]:
    """A row for each break that the day's reconciliation found."""
    for each in result.breaks:
        yield {
            "kind": each.kind,
            "platform": result.scope.platform,
            "account": result.scope.account,
            "location_id": each.location_id,
            "business_day": each.day,
            "orders": "|".join(each.orders),
            "code": each.code,
            "field": each.field,
            "currency": each.currency,
            "till_minor": each.till_minor,
            "ledger_minor": each.ledger_minor,
            "detail": each.detail,
        }


def fidelity_rows(result: DayFidelity) -> Iterator[Row]:
    """A row for each finding of each code and place: how many redemptions, on which orders."""
    for each in findings(result):
        yield {
            "platform": result.platform,
            "account": result.account,
            "front_end": result.front_end,
            "front_end_day": result.day,
            "location_id": each.location_id,
            "code": each.code,
            "finding": each.finding,
            "redemptions": each.count,
            "orders": "|".join(each.orders),
        }


def posting_rows(document: Document, day: date) -> Iterator[Row]:
    """A row for each line of a document, which is filed under that business day."""
    platform, account, location_id = (*document.place.split("/", 2), "", "")[:3]
    order = OrderKey.of(document.order) if document.order else None
    said = {
        "document": document.document_id,
        "cause": document.cause,
        "reversal_of": document.reversal_of or None,
        "platform": platform or None,
        "account": account or None,
        "location_id": location_id or None,
        "order_id": order.order_id if order else None,
        "order_key": document.order or None,
        "business_day": day,
        "currency": document.currency,
        "booked_on": document.booked_on,
        "happened_at": document.happened_at,
        "voucher_class": document.voucher_class,
        "vat_class": document.vat_class or None,
        "vat_percent": None if document.percent is None else f"{document.percent:f}",
        "code": document.code,
        "promotions": "|".join(document.promotions),
        "evidence": "|".join(document.evidence) or None,
        "estimated": document.estimated,
    }
    for number, line in enumerate(document.lines, 1):
        yield said | {
            "line": number,
            "account_role": line.role,
            "debit_minor": line.debit_minor,
            "credit_minor": line.credit_minor,
        }


def _order_cells(
    key: OrderKey, day: date, currency: str, location_id: str | None
) -> dict[str, object]:
    return {
        "platform": key.platform,
        "account": key.account,
        "location_id": location_id,
        "order_id": key.order_id,
        "order_key": key.text(),
        "business_day": day,
        "currency": currency,
    }


def _cell(value: object) -> Cell:
    if isinstance(value, datetime):
        return instant.text(value)
    if isinstance(value, date):
        return value.isoformat()
    if value is None or isinstance(value, str | int):
        return value
    raise TypeError(f"no cell holds a {type(value).__name__}")


def _major(minor: object, currency: str) -> str | None:
    if not isinstance(minor, int) or not currency:
        return None
    return f"{Decimal(minor).scaleb(-exponent(currency)):f}"


def flattened(rows: Iterable[Iterator[Row]]) -> Iterator[Row]:
    """Row after row, without holding them."""
    for several in rows:
        yield from several
