"""A room made up for the tests of the roads: JSON that says which facts it holds."""

import json
from typing import Any

from tests.pure.saying import bill, fact
from vouchsafe.pure.connection import Connection
from vouchsafe.pure.errors import Faulty, Forged, Unreadable
from vouchsafe.pure.facts import Erasure, Fact, Notice, OrderKey
from vouchsafe.pure.hearing import Delivery, Greeting, Heard, Verdict
from vouchsafe.pure.identity import Identify

PLATFORM = "shopify"
ACCOUNT = "corner-shop"


def verify(delivery: Delivery, connection: Connection, _now: object) -> Verdict:
    """Genuine when the header names a signing key of the connection."""
    if delivery.headers.get("x-signature") not in connection.signing_keys:
        raise Forged("the signature does not fit")
    if delivery.body.startswith(b"hello "):
        return Greeting(verification_code=delivery.body.decode().removeprefix("hello "))
    return "greeting" if delivery.body == b"ping" else "genuine"


def read(delivery: Delivery, _connection: Connection, identify: Identify) -> Heard:
    """`{"orders": [..], "fetch": [..], "forget": [..]}`; anything else breaks it."""
    try:
        said = json.loads(delivery.body)
    except ValueError as error:
        raise Unreadable("document", "must be JSON") from error
    if "fault" in said:
        raise Faulty("rows[3].seen_at", "must have a zone")
    if "boom" in said:
        raise RecursionError("a bug of ours")
    return Heard(
        event=said.get("event", "orders"),
        known=said.get("known", True),
        facts=tuple(order(each, delivery.digest(), identify) for each in said.get("orders", ())),
        notices=tuple(
            Notice(platform=PLATFORM, account=ACCOUNT, kind="order", object_id=each, details={})
            for each in said.get("fetch", ())
        ),
        erasures=tuple(
            Erasure(
                platform=PLATFORM,
                account=ACCOUNT,
                order_ids=(each,),
                customer=(),
                asked="customers/redact",
                whole_account=False,
            )
            for each in said.get("forget", ())
        ),
    )


def order(order_id: str, digest: str = "d", identify: Identify | None = None) -> Fact:
    """A paid order of that id."""
    person = identify("email", "ann@example.com") if identify else None
    return fact(
        bill(),
        order=OrderKey(platform=PLATFORM, account=ACCOUNT, order_id=order_id),
        object_id=order_id,
        source_digest=digest,
        customer=(person,) if person else (),
    )


def posted(body: str | bytes, **changes: Any) -> dict[str, Any]:
    """What API Gateway hands over for a POST."""
    text = body if isinstance(body, str) else body.decode()
    event = {
        "headers": {"X-Signature": "current", "Content-Type": "application/json"},
        "pathParameters": {"account": ACCOUNT},
        "isBase64Encoded": False,
        "body": text,
    }
    return event | changes
