"""The car park: what cannot be taken now, kept byte for byte: deliveries, documents, records."""

import base64
import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from typing import Any, Literal

from vouchsafe.edge.outage import translated
from vouchsafe.edge.session import client
from vouchsafe.edge.settings import setting
from vouchsafe.pure import instant
from vouchsafe.pure.hearing import Delivery, Document

# unavailable: driven again by itself. unreadable: waits for a mended reader and `make replay`.
Reason = Literal["unreadable", "unavailable"]

# Events that nobody has heard of, for which one delivery was kept by this process already.
_kept_unheard: set[str] = set()

_NOT_OF_A_NAME = re.compile(r"[^A-Za-z0-9_.-]")
_SECRET_HEADERS = ("signature", "hmac", "authorization", "cookie", "token")


@dataclass(frozen=True, slots=True, kw_only=True)
class Parked:
    """What was parked. `document_kind` is None for a webhook's delivery."""

    key: str
    delivery: Delivery
    document_kind: str | None

    def document(self) -> Document:
        """The parked bytes as a pulled document."""
        return Document(kind=self.document_kind or "", body=self.delivery.body)


def park(delivery: Delivery, reason: Reason, detail: str) -> str:
    """Puts a genuine delivery aside; the key it lies under. A repeat lies in the same place."""
    return _put(_key(reason, delivery), delivery, None, detail)


def keep_unheard(delivery: Delivery, event: str) -> None:
    """Keeps one delivery of an event that its room has never heard of, so that somebody can see
    what it holds; the next of its kind lies in the same place."""
    name = _NOT_OF_A_NAME.sub("_", event)[:100]
    key = f"unheard_of/{delivery.platform}/{delivery.account}/{name}.json"
    if key not in _kept_unheard:
        _put(key, delivery, None, f"{name} is an event that the room does not know")
        _kept_unheard.add(key)


def park_document(
    platform: str, account: str, document: Document, at: datetime, detail: str
) -> str:
    """Puts a pulled document aside that cannot be read."""
    delivery = Delivery(
        platform=platform, account=account, headers={}, body=document.body, received_at=at
    )
    return _put(_key("unreadable", delivery), delivery, document.kind, detail)


def park_record(*, consumer: str, record: Mapping[str, Any], reason: str) -> str:
    """Puts a poisonous stream or queue record aside, whole."""
    text = json.dumps({"reason": reason, "record": record}, sort_keys=True, default=str)
    key = f"record/{consumer}/{sha256(text.encode()).hexdigest()[:32]}.json"
    _put_object(key, text)
    return key


def get(key: str) -> Parked | None:
    """What lies there; None where it was driven again before."""
    with translated("parked"):
        try:
            found = client("s3").get_object(Bucket=setting("PARKED_BUCKET"), Key=key)
        except client("s3").exceptions.NoSuchKey:
            return None
        held = json.loads(found["Body"].read())
    delivery = Delivery(
        platform=held["platform"],
        account=held["account"],
        headers=held["headers"],
        body=base64.b64decode(held["body"]),
        received_at=instant.parse(held["received_at"]),
    )
    return Parked(key=key, delivery=delivery, document_kind=held["document_kind"])


def reason_of(key: str) -> str | None:
    """Why it was parked, in the words of who parked it; None where it lies there no more."""
    with translated("parked"):
        try:
            found = client("s3").get_object(Bucket=setting("PARKED_BUCKET"), Key=key)
        except client("s3").exceptions.NoSuchKey:
            return None
        return str(json.loads(found["Body"].read())["reason"])


def take_away(key: str) -> None:
    """Clears the place of something that was driven again."""
    with translated("parked"):
        client("s3").delete_object(Bucket=setting("PARKED_BUCKET"), Key=key)


def keys(prefix: str) -> Iterator[str]:
    """The keys under a prefix such as `unreadable/shopify/`."""
    with translated("parked"):
        pages = client("s3").get_paginator("list_objects_v2")
        for page in pages.paginate(Bucket=setting("PARKED_BUCKET"), Prefix=prefix):
            for held in page.get("Contents", ()):
                yield held["Key"]


def _key(reason: Reason, delivery: Delivery) -> str:
    said = json.dumps([delivery.account, sorted(_kept_headers(delivery).items())]).encode()
    digest = sha256(said + delivery.body).hexdigest()[:32]
    return f"{reason}/{delivery.platform}/{delivery.account}/{digest}.json"


def _kept_headers(delivery: Delivery) -> dict[str, str]:
    """What a reader may want of them; proofs and keys are never kept."""
    return {
        name: value
        for name, value in delivery.headers.items()
        if not any(secret in name for secret in _SECRET_HEADERS)
    }


def _put(key: str, delivery: Delivery, document_kind: str | None, detail: str) -> str:
    held = {
        "platform": delivery.platform,
        "account": delivery.account,
        "headers": _kept_headers(delivery),
        "received_at": instant.text(delivery.received_at),
        "reason": detail,
        "document_kind": document_kind,
        "body": base64.b64encode(delivery.body).decode(),
    }
    _put_object(key, json.dumps(held))
    return key


def _put_object(key: str, text: str) -> None:
    with translated("parked"):
        client("s3").put_object(Bucket=setting("PARKED_BUCKET"), Key=key, Body=text.encode())
