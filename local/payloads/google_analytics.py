"""Google Analytics' side: what browsers report of the web shops' sales, and what they leave out.

The web shops are WooCommerce's; Shopify's orders of the replay are rung up at its counters.

A blocker or refused consent keeps some sales from it altogether, some thank-you pages are loaded
twice, some tags forget the coupon, some purchases are tests that no shop knows, and some checkouts
take a code and are left. Which ones is drawn by the sale's number, the same at each run.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Literal

from local.dealing import CURRENCY, ZONE, place
from local.injections import drawn
from local.journey import shop_day
from local.payloads import woocommerce
from local.payloads.message import Document, Json
from local.till import Sale

How = Literal["as it was", "not at all", "twice", "without its coupon"]

# One sale in so many.
BLOCKED_ONE_IN = 8
TWICE_ONE_IN = 10
FORGOTTEN_ONE_IN = 8
TEST_ONE_IN = 12
LEFT_ONE_IN = 6
REJECTED_ONE_IN = 10
DENIED_ONE_IN = 9
SMALL_LETTERS_ONE_IN = 3

SEPARATOR = "|"
BUCKET, PREFIX = "journey-export", "ga4/"
_BEFORE, _AFTER, _AGAIN = timedelta(seconds=95), timedelta(seconds=3), timedelta(seconds=70)


@dataclass(frozen=True, slots=True)
class Reported:
    """What browsers told of one sale of a web shop. `codes` are as the shop spells them; without
    any, and `times` 0, where nothing was told. `day` is the property's."""

    how: How
    transaction_id: str
    day: date
    times: int
    codes: tuple[str, ...]
    cents: int


@dataclass(frozen=True, slots=True)
class Event:
    """One event before it is written out."""

    name: str
    at: datetime
    number: int
    codes: tuple[str, ...] = ()
    transaction_id: str = ""
    cents: int = 0
    checkout: str = ""
    result: str = ""
    items: tuple[str, ...] = ()

    @property
    def day(self) -> date:
        return shop_day(self.at)


def order_id(sale: Sale) -> str | None:
    """The order's id at its shop; None for a sale over a counter that no page sold."""
    sold_by = place(sale.store).shop.platform
    return str(woocommerce.order_id(sale)) if sold_by == "woocommerce" else None


def how(sale: Sale) -> How:
    """How browsers tell of a sale."""
    if drawn(sale.number, "ad blocker", BLOCKED_ONE_IN):
        return "not at all"
    if drawn(sale.number, "reloaded", TWICE_ONE_IN):
        return "twice"
    forgotten = bool(_codes(sale)) and drawn(sale.number, "without coupon", FORGOTTEN_ONE_IN)
    return "without its coupon" if forgotten else "as it was"


def reported(sale: Sale) -> Reported | None:
    """What is told of the purchase of a sale; None where it was not sold on a page."""
    name = order_id(sale)
    if name is None:
        return None
    way = how(sale)
    times = {"not at all": 0, "twice": 2}.get(way, 1)
    codes = _codes(sale) if way in {"as it was", "twice"} else ()
    return Reported(way, name, shop_day(sale.placed_at + _AFTER), times, codes, sale.total)


def applied(sale: Sale) -> tuple[str, ...]:
    """The codes that checkouts around a sale took, one for each time; also one that was left."""
    return tuple(
        code
        for each in events(sale)
        if each.name == "code_applied" and each.result == "accepted"
        for code in each.codes
    )


def tested(sale: Sale) -> Reported | None:
    """A purchase beside a sale that no shop knows; it names the sale's codes."""
    if not _has_a_test(sale):
        return None
    at = sale.placed_at + _AGAIN
    return Reported("as it was", _test_id(sale), shop_day(at), 1, _codes(sale), sale.total)


def events(sale: Sale) -> Iterator[Event]:
    """All that browsers tell around one sale, oldest first but for what was left."""
    name = order_id(sale)
    if name is None or how(sale) == "not at all":
        return
    number, codes, checkout = sale.number, _codes(sale), f"chk-{sale.number}"
    entered = sale.placed_at - _BEFORE
    yield Event("page_view", entered, number)
    if codes and drawn(number, "rejected", REJECTED_ONE_IN):
        rejected = (f"OLD-{codes[0]}",)
        yield Event("code_applied", entered, number, rejected, checkout=checkout, result="rejected")
    for code in codes:
        yield Event("code_applied", entered, number, (code,), checkout=checkout, result="accepted")
    yield from _purchases(sale, name)
    if codes and drawn(number, "left", LEFT_ONE_IN):
        left = f"{checkout}-left"
        yield Event("code_applied", entered, number, codes[:1], checkout=left, result="accepted")
    if sale.back:
        money = sale.refunded()
        yield Event("refund", sale.back.at, number, transaction_id=name, cents=money)


def _purchases(sale: Sale, name: str) -> Iterator[Event]:
    way = how(sale)
    told = () if way == "without its coupon" else _codes(sale)
    at, items = sale.placed_at + _AFTER, tuple(item.sku for item in sale.items)
    for again in range(2 if way == "twice" else 1):
        yield Event(
            "purchase",
            at + again * _AGAIN,
            sale.number,
            told,
            transaction_id=name,
            cents=sale.total,
            items=items,
        )
    if _has_a_test(sale):
        test, codes = _test_id(sale), _codes(sale)
        at = sale.placed_at + _AGAIN
        yield Event("purchase", at, sale.number, codes, transaction_id=test, cents=sale.total)


def row(event: Event) -> Document:
    """A row of the export as BigQuery extracts it: whole numbers are text."""
    micros = str(int(event.at.timestamp()) * 1_000_000 + event.number % 1_000_000)
    return {
        "event_date": f"{event.day:%Y%m%d}",
        "event_timestamp": micros,
        "event_name": event.name,
        "event_bundle_sequence_id": str(event.number % 997),
        "user_id": None,
        "user_pseudo_id": None
        if drawn(event.number, "consent denied", DENIED_ONE_IN)
        else f"{event.number}.{int(event.at.timestamp()) // 86400}",
        "stream_id": "3300112233",
        "platform": "WEB",
        "geo": {"country": "United States", "city": "Cincinnati"},
        "event_params": list(_params(event)),
        "ecommerce": _ecommerce(event),
        "items": [_item(event, sku) for sku in event.items],
    }


def coupon(event: Event) -> str:
    """The codes as the page writes them into one text."""
    text = SEPARATOR.join(event.codes)
    return text.lower() if drawn(event.number, "small letters", SMALL_LETTERS_ONE_IN) else text


def options(address: str, *, ways: Literal["export", "reports"] = "export") -> dict[str, str]:
    """The options of the property's connection, by the stand-in's address."""
    signing = {
        "login_url": f"{address}/token",
        "refresh_token": "of the first consent",
        "zone": ZONE,
        "separator": SEPARATOR,
    }
    if ways == "reports":
        return signing
    return {**signing, "export_url": address, "bucket": BUCKET, "prefix": PREFIX}


def _params(event: Event) -> Iterator[Json]:
    page = f"https://shop.example.com/{event.name}?email=h{event.number}@example.com"
    texts = {
        "page_location": page,
        "transaction_id": event.transaction_id,
        "coupon": coupon(event),
        "checkout_id": event.checkout,
        "result": event.result,
        "currency": CURRENCY if event.transaction_id else "",
    }
    for key, text in texts.items():
        if text:
            yield {"key": key, "value": {"string_value": text}}
    if event.transaction_id:
        yield {"key": "value", "value": {"double_value": event.cents / 100}}
    yield {"key": "ga_session_id", "value": {"int_value": str(event.number)}}


def _ecommerce(event: Event) -> Json:
    if not event.transaction_id:
        return None
    amount = "purchase_revenue" if event.name == "purchase" else "refund_value"
    return {"transaction_id": event.transaction_id, amount: event.cents / 100}


def _item(event: Event, sku: str) -> Json:
    """The tag writes the order's coupon on every item."""
    return {"item_id": sku, "quantity": "1", "coupon": coupon(event) or "(not set)"}


def _codes(sale: Sale) -> tuple[str, ...]:
    return tuple(each.code for each in sale.discounts if each.kind == "code")


def _has_a_test(sale: Sale) -> bool:
    told = how(sale) != "not at all"
    return told and bool(_codes(sale)) and drawn(sale.number, "tested", TEST_ONE_IN)


def _test_id(sale: Sale) -> str:
    return f"TEST-{sale.number}"


def written_at(day: date) -> datetime:
    """When the file of a day was written: early on the next one."""
    return datetime(day.year, day.month, day.day, 10, tzinfo=UTC) + timedelta(days=1)
