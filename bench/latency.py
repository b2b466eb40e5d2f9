"""From a webhook to its redemption and its alarm, on the local AWS with the real template."""

import base64
import hmac
import json
import statistics
import tempfile
import time
import urllib.request
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from bench.figure import Effort, Figure, Section, plain
from local.aws import LocalAws

_ORDERS, _WARM_UP = 20, 3
_PATIENCE_S = 30.0
_KEY = "the signing key of the bench"
_ACCOUNT = "bench"


def section(effort: Effort) -> Section:
    orders = effort.of(_ORDERS)
    with tempfile.TemporaryDirectory() as folder, LocalAws(Path(folder)) as aws:
        aws.deploy()
        aws.put_secret("identity", "the identity key of the bench")
        connection = {"signing_keys": [_KEY], "shop": "https://shop.test"}
        aws.put_secret(f"woocommerce/{_ACCOUNT}", connection)
        found: list[tuple[float, float, float]] = []
        for at in range(orders + _WARM_UP):
            effort.tell(at, orders + _WARM_UP)
            found.append(_walked(aws, at))
    answers, redemptions, alarms = zip(*found[_WARM_UP:], strict=True)
    return Section(
        title="From webhook to alarm, on the local AWS",
        floor="milliseconds of this machine, one order at a time, each with a code nobody knows",
        figures=(
            *_figures("answered", answers),
            *_figures("redemption there", redemptions),
            *_figures("alarm there", alarms),
        ),
        notes=(
            f"{orders} orders after {_WARM_UP} that warmed up. The local AWS looks at its streams"
            " in turn; on AWS a stream is looked at four times a second.",
        ),
    )


def _figures(name: str, seconds: tuple[float, ...]) -> list[Figure]:
    ordered = sorted(each * 1e3 for each in seconds)
    last = ordered[min(len(ordered) - 1, round(len(ordered) * 0.99))]
    return [
        plain(f"{name}, half of them within", statistics.median(ordered), unit="ms", digits=0),
        plain(f"{name}, 99 of 100 within", last, unit="ms", digits=0),
    ]


def _walked(aws: LocalAws, at: int) -> tuple[float, float, float]:
    """Seconds until the answer, the redemption, and the alarm."""
    began = time.perf_counter()
    _post(aws, at)
    answered = time.perf_counter() - began
    order = f"woocommerce#{_ACCOUNT}#{at + 1}"
    redeemed = _seen(aws, "RedemptionsTable", order, began)
    day = f"day#{datetime.now(UTC).date().isoformat()}"
    alarmed = _seen(aws, "AlarmsTable", day, began, f"alarm#code_not_found:BENCH{_letters(at)}")
    return answered, redeemed, alarmed


def _post(aws: LocalAws, at: int) -> None:
    body = json.dumps(_order(at)).encode()
    proof = base64.b64encode(hmac.digest(_KEY.encode(), body, "sha256")).decode()
    headers = {
        "Content-Type": "application/json",
        "X-WC-Webhook-Signature": proof,
        "X-WC-Webhook-Source": "https://shop.test/",
        "X-WC-Webhook-Topic": "order.updated",
    }
    url = f"{aws.api_url}/webhooks/woocommerce/{_ACCOUNT}"
    request = urllib.request.Request(url, body, headers, method="POST")
    with urllib.request.urlopen(request, timeout=60) as answer:
        answer.read()


def _seen(aws: LocalAws, table: str, pk: str, began: float, sk: str = "") -> float:
    """Seconds until such an item is there."""
    asked: dict[str, Any] = {
        "TableName": aws.outputs[table],
        "KeyConditionExpression": "pk = :pk" + (" AND begins_with(sk, :sk)" if sk else ""),
        "ExpressionAttributeValues": {":pk": {"S": pk}} | ({":sk": {"S": sk}} if sk else {}),
    }
    client = aws.client("dynamodb")
    while time.perf_counter() - began < _PATIENCE_S:
        if client.query(**asked)["Count"]:
            return time.perf_counter() - began
        time.sleep(0.005)
    raise TimeoutError(f"{pk} {sk} did not come within {_PATIENCE_S:.0f} s")


def _letters(at: int) -> str:
    """A number in letters that no code folds into another."""
    return "".join("ABCDEFGHJK"[int(digit)] for digit in f"{at:03d}")


def _order(at: int) -> dict[str, Any]:
    now = datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%S")
    return {
        "id": at + 1,
        "parent_id": 0,
        "status": "completed",
        "currency": "USD",
        "prices_include_tax": False,
        "date_created_gmt": now,
        "date_modified_gmt": now,
        "date_paid_gmt": now,
        "date_completed_gmt": now,
        "discount_total": "3.00",
        "discount_tax": "0.00",
        "shipping_total": "0.00",
        "total_tax": "0.00",
        "total": "27.00",
        "customer_id": 0,
        "created_via": "checkout",
        "billing": {"email": ""},
        "line_items": [
            {
                "id": 1,
                "quantity": 2,
                "subtotal": "30.00",
                "subtotal_tax": "0.00",
                "total": "27.00",
                "total_tax": "0.00",
                "sku": "TEA",
            }
        ],
        "coupon_lines": [
            {"id": 2, "code": f"bench{_letters(at)}", "discount": "3.00", "discount_tax": "0.00"}
        ],
        "shipping_lines": [],
        "fee_lines": [],
        "refunds": [],
    }
