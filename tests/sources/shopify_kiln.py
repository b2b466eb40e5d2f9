"""Kiln & Co, a shop on Shopify: its connection, its signature, and how its events are heard."""

import base64
import hmac
import json
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from functions.sources.shopify.read import READER, read, read_document
from functions.sources.shopify.verify import verify
from tests.sources.events import Event, Room
from vouchsafe.pure.connection import Connection
from vouchsafe.pure.facts import Fact, OrderSaid, RefundSaid
from vouchsafe.pure.order import Order, fold

TOPICS = {
    "customers_data_request": "customers/data_request",
    "orders_risk_assessment_changed": "orders/risk_assessment_changed",
}


def headers(event: str) -> Mapping[str, str]:
    """A topic is a resource, a slash and what happened to it."""
    return {
        "x-shopify-topic": TOPICS.get(event) or event.replace("_", "/", 1),
        "x-shopify-shop-domain": "kiln-and-co.myshopify.com",
        "x-shopify-api-version": "2026-04",
    }


def sign(body: bytes, _connection: Connection, key: str, _at: datetime) -> Mapping[str, str]:
    proof = base64.b64encode(hmac.digest(key.encode(), body, "sha256")).decode()
    return {"x-shopify-hmac-sha256": proof}


ROOM = Room(
    platform="shopify",
    reader=READER,
    verify=verify,
    read=read,
    read_document=read_document,
    connection=Connection(
        platform="shopify",
        account="kiln",
        signing_keys=("shpss_kiln_client_secret",),
        shop="kiln-and-co.myshopify.com",
        api_url="https://kiln-and-co.myshopify.com",
        api_key="shpat_kiln_access_token",
    ),
    headers=headers,
    sign=sign,
    signature_header="x-shopify-hmac-sha256",
    bound_to=("shop",),
    genuine="orders_paid",
    two_codes=("orders_create.two_codes", frozenset({"TENOFFEXTRA", "SH1PFREE"})),
    zero_decimal=("orders_create.yen", 3239),
    unknown="orders_risk_assessment_changed",
    required={
        "orders_create.plain_amounts": ("id", "updated_at", "processed_at", "currency"),
        "orders_paid": (
            "line_items",
            "line_items[0].id",
            "line_items[0].quantity",
            "line_items[0].discount_allocations[0].discount_application_index",
            "discount_applications[0].type",
            "discount_applications[0].code",
        ),
        "refunds_create": (
            "id",
            "order_id",
            "processed_at",
            "refund_line_items[0].quantity",
            "transactions[0].kind",
            "transactions[0].status",
        ),
        "order": (
            "id",
            "updated_at",
            "currency",
            "total_price_set.shop_money.amount",
            "line_items[0].price_set.shop_money.amount",
            "line_items[0].discount_allocations[0].amount_set.shop_money.amount",
            "refunds[0].id",
            "refunds[0].processed_at",
        ),
        "orders_edited": ("order_edit", "order_edit.order_id", "order_edit.committed_at"),
        "orders_delete": ("id",),
        "customers_redact": ("shop_domain", "customer", "orders_to_redact"),
        "shop_redact": ("shop_id", "shop_domain"),
    },
    amounts={
        "orders_create.plain_amounts": (
            "total_price",
            "total_discounts",
            "total_tax",
            "line_items[0].price",
            "line_items[0].discount_allocations[0].amount",
        ),
        "orders_paid": (
            "total_price_set.shop_money.amount",
            "line_items[0].price_set.shop_money.amount",
            "line_items[0].discount_allocations[0].amount_set.shop_money.amount",
        ),
        "refunds_create": ("transactions[0].amount",),
        "order": ("total_price_set.shop_money.amount", "total_tax_set.shop_money.amount"),
    },
    personal={
        "orders_create.duties_and_gift_card": ("phone", "shipping_address.address1"),
        "orders_updated.partial_return": (
            "email",
            "contact_email",
            "customer.email",
            "customer.first_name",
            "customer.default_address.address1",
            "billing_address.last_name",
            "billing_address.phone",
            "browser_ip",
            "note",
            "refunds[0].note",
            "refunds[0].transactions[0].payment_details.credit_card_name",
        ),
        "refunds_create": ("note", "transactions[0].payment_details.credit_card_name"),
        "orders_edited": ("order_edit.staff_note",),
        "customers_redact": ("customer.email", "customer.phone"),
    },
)


def event(stem: str) -> Event:
    return Event(room=ROOM, stem=stem)


def order_said(stem: str, body: Any = None) -> OrderSaid:
    raw = None if body is None else json.dumps(body).encode()
    said = event(stem).heard(raw).facts[0].body
    assert isinstance(said, OrderSaid)
    return said


def refund_said(stem: str, body: Any = None) -> RefundSaid:
    raw = None if body is None else json.dumps(body).encode()
    (fact,) = event(stem).heard(raw).facts
    assert isinstance(fact.body, RefundSaid)
    return fact.body


def folded(facts: Iterable[Fact]) -> Order:
    order = fold(facts)
    assert order is not None
    return order
