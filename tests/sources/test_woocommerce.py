"""Does the WooCommerce room tell a shop's orders and refunds as they are?"""

import base64
import hmac
from collections.abc import Mapping
from datetime import datetime

from functions.sources.woocommerce.read import READER, read, read_document
from functions.sources.woocommerce.verify import SIGNATURE, verify
from tests.sources.events import Room
from tests.sources.suite import SourceSuite
from vouchsafe.pure.connection import Connection

SHOP = Connection(
    platform="woocommerce",
    account="tea-shop",
    signing_keys=("wc_whsec_test_001",),
    shop="https://shop.example.com/",
    api_url="https://shop.example.com",
    api_key="ck_test",
    api_secret="cs_test",
)


def headers(event: str) -> Mapping[str, str]:
    """The vendor's headers; a topic has one dot, after its resource."""
    resource, _, happened = event.partition("_")
    return {
        "content-type": "application/json",
        "x-wc-webhook-source": "https://shop.example.com/",
        "x-wc-webhook-topic": f"{resource}.{happened}",
        "x-wc-webhook-resource": resource,
        "x-wc-webhook-event": happened,
        "x-wc-webhook-id": "5",
        "x-wc-webhook-delivery-id": "c0ffee",
    }


def sign(body: bytes, connection: Connection, key: str, at: datetime) -> Mapping[str, str]:
    return {SIGNATURE: base64.b64encode(hmac.digest(key.encode(), body, "sha256")).decode()}


_ORDER = (
    "id",
    "status",
    "currency",
    "date_created_gmt",
    "date_modified_gmt",
    "total",
    "total_tax",
    "line_items",
    "line_items[0].id",
    "line_items[0].quantity",
    "line_items[0].subtotal",
    "line_items[0].total",
    "shipping_lines",
    "fee_lines",
    "coupon_lines",
    "coupon_lines[0].code",
    "coupon_lines[0].discount",
    "refunds",
)

ROOM = Room(
    platform="woocommerce",
    reader=READER,
    verify=verify,
    read=read,
    read_document=read_document,
    connection=SHOP,
    headers=headers,
    sign=sign,
    signature_header=SIGNATURE,
    bound_to=("shop",),
    genuine="order_updated.completed",
    two_codes=("order_created.two_coupons", frozenset({"AUTUMN2O", "THANKS5"})),
    zero_decimal=("order_created.yen", 1350),
    unknown="subscription_created",
    required={
        "order_updated.completed": _ORDER,
        "order_updated.refunded_in_part": ("refunds[0].id", "refunds[0].total"),
        "order_refunds.in_part": (
            "order",
            "order.id",
            "refunds",
            "refunds[0].id",
            "refunds[0].date_created_gmt",
            "refunds[0].amount",
            "refunds[0].line_items",
            "refunds[0].line_items[0].total",
        ),
        "order_deleted": ("id",),
        "action_woocommerce_order_status_completed": ("arg",),
    },
    amounts={
        "order_updated.completed": (
            "total",
            "total_tax",
            "line_items[0].subtotal",
            "line_items[0].total",
        ),
        "order_created.shipping_and_fees": ("shipping_lines[0].total", "fee_lines[0].total"),
        "order_updated.refunded_in_part": ("refunds[0].total",),
        "order_refunds.in_part": ("refunds[0].amount",),
    },
    personal={
        "order_updated.completed": (
            "billing.first_name",
            "billing.last_name",
            "billing.company",
            "billing.address_1",
            "billing.email",
            "billing.phone",
            "shipping.first_name",
            "customer_note",
            "customer_ip_address",
            "customer_user_agent",
            "transaction_id",
            "order_key",
        ),
        "order_updated.refunded_in_part": ("refunds[0].reason",),
        "order_refunds.in_part": (
            "order.billing.email",
            "refunds[0].reason",
            "refunds[0].line_items[0].meta_data[0].display_value",
        ),
        "order_created.no_code": ("line_items[0].meta_data[0].value",),
    },
)


class TestWoocommerce(SourceSuite):
    room = ROOM
