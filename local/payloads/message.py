"""One webhook delivery as its platform makes it, before it is signed and sent."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TypeAlias

from local.dealing import Shop

Json: TypeAlias = "bool | int | float | str | list[Json] | dict[str, Json] | None"
Document: TypeAlias = dict[str, Json]


@dataclass(frozen=True, slots=True)
class Message:
    """`event` is the platform's own name for what happened, `at` when; `number` is the sale's."""

    shop: Shop
    number: int
    event: str
    at: datetime
    body: bytes

    def id(self) -> str:
        """The delivery's own id, the same at each run."""
        seed = f"{self.shop.account} {self.event} {self.number} {self.at.isoformat()}".encode()
        return hashlib.sha256(seed).hexdigest()[:32]


Headers = Mapping[str, str]


def encoded(document: Json) -> bytes:
    """JSON as the platforms write it: compact, with escapes for what is not ASCII."""
    return json.dumps(document, separators=(",", ":")).encode()


def utc_text(instant: datetime) -> str:
    """An instant as RFC 3339 in UTC with milliseconds."""
    return instant.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def major(cents: int) -> str:
    """Cents as decimal text in major units."""
    sign = "-" if cents < 0 else ""
    return f"{sign}{abs(cents) // 100}.{abs(cents) % 100:02d}"
