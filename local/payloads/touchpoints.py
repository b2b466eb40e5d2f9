"""The marketing tools' side: contacts in signed batches, JSON and CSV by turns, and a page's token.

Each contact goes under an id of its own. A page's beacon tells of the last 90 days only, which the
data set is older than: it tells of a visit just now, with the token that the shop's server made.
"""

import base64
import csv
import hashlib
import hmac
import io
import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime, timedelta

from local.dealing import Shop
from local.payloads.message import Headers, Json, Message, encoded, utc_text

BATCH = 25
TOKEN_LIVES = timedelta(minutes=30)
Row = Mapping[str, str]
_MEDIA_TYPES = {"json": "application/json", "csv": "text/csv; charset=utf-8"}


def messages(rows: Iterable[Row], shop: Shop) -> Iterator[Message]:
    """Batches of contacts in the order of their time, each sent when its last one was seen."""
    ordered = sorted(rows, key=lambda row: (_seen_at(row), row["touchpoint_id"]))
    for number, start in enumerate(range(0, len(ordered), BATCH)):
        batch = ordered[start : start + BATCH]
        event = "csv" if number % 2 else "json"
        body = _csv(batch) if event == "csv" else _json(batch)
        yield Message(shop, number, event, _seen_at(batch[-1]), body)


def beacon(identity: str, number: int, shop: Shop, now: datetime) -> Message:
    """A visit as the page tells it that somebody known is on; the body holds the proof."""
    proof = token(identity, f"visit {number}", shop, now + TOKEN_LIVES)
    seen: Json = [{"kind": "visit", "seen_at": utc_text(now - timedelta(seconds=number))}]
    return Message(shop, number, "beacon", now, encoded({"token": proof, "touchpoints": seen}))


def forgeable(row: Row) -> Row:
    """The same contact as nobody made it: were it ever kept, its name would tell."""
    return {**row, "touchpoint_id": f"forged-{row['touchpoint_id']}"}


def headers(message: Message, now: datetime) -> Headers:
    """The headers of a call that is made now: five minutes later a signature is stale."""
    if message.event == "beacon":
        # What a browser sends with text by sendBeacon, which can set no header of its own.
        return {"Content-Type": "text/plain;charset=UTF-8", "Origin": message.shop.shop}
    return {
        "Content-Type": _MEDIA_TYPES[message.event],
        "X-Vouchsafe-Signature": signature(message.body, message.shop.signing_keys[0], now),
    }


def signature(body: bytes, key: str, now: datetime) -> str:
    """The time in Unix seconds, and the hex HMAC-SHA256 over that, a dot and the raw body."""
    second = str(int(now.timestamp()))
    mac = hmac.digest(key.encode(), second.encode() + b"." + body, hashlib.sha256)
    return f"t={second},v1={mac.hex()}"


def token(identity: str, session: str, shop: Shop, expires: datetime) -> str:
    """What a shop's server puts into the page of somebody whom it knows."""
    said = {
        "session": session,
        "identity": identity,
        "origin": shop.shop,
        "expires": int(expires.timestamp()),
    }
    claims = base64.urlsafe_b64encode(json.dumps(said).encode()).rstrip(b"=").decode()
    mac = hmac.digest(shop.signing_keys[0].encode(), f"beacon.{claims}".encode(), hashlib.sha256)
    return f"{claims}.{mac.hex()}"


def _seen_at(row: Row) -> datetime:
    return datetime.fromisoformat(row["seen_at"])


def _json(batch: Sequence[Row]) -> bytes:
    """Only what each contact says, as a tool that knows of no columns would write it."""
    return encoded([{name: cell for name, cell in row.items() if cell} for row in batch])


def _csv(batch: Sequence[Row]) -> bytes:
    text = io.StringIO()
    writer = csv.DictWriter(text, fieldnames=list(batch[0]))
    writer.writeheader()
    writer.writerows(batch)
    return text.getvalue().encode()
