"""What came to the door, and what was heard in it: the words that every source room speaks."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from hashlib import sha256
from typing import TYPE_CHECKING, Literal, TypeAlias

from vouchsafe.pure.connection import Connection
from vouchsafe.pure.facts import Erasure, Fact, Notice
from vouchsafe.pure.identity import Identify

if TYPE_CHECKING:
    # Nobody who only speaks of touchpoints has to load the register's words with them.
    from vouchsafe.pure.sighting import Sighting
    from vouchsafe.pure.touchpoint import Touchpoint


@dataclass(frozen=True, slots=True, kw_only=True)
class Delivery:
    """One message of a platform: raw bytes as sent, header names in lower case."""

    platform: str
    account: str
    headers: Mapping[str, str]
    body: bytes
    received_at: datetime

    def digest(self) -> str:
        """SHA-256 of the body, in hexadecimal."""
        return sha256(self.body).hexdigest()


@dataclass(frozen=True, slots=True, kw_only=True)
class Document:
    """One document as the API gave it; `kind` is the room's own word for its shape."""

    kind: str
    body: bytes

    def digest(self) -> str:
        """SHA-256 of the body, in hexadecimal."""
        return sha256(self.body).hexdigest()


@dataclass(frozen=True, slots=True, kw_only=True)
class Heard:
    """What a delivery holds for us.

    `event` is the platform's own name for it. `known` is False for an event that the room has
    never heard of (counted, so that drift shows); a known event may still hold nothing.
    """

    event: str
    known: bool = True
    facts: tuple[Fact, ...] = ()
    notices: tuple[Notice, ...] = ()
    erasures: tuple[Erasure, ...] = field(default=())
    touchpoints: "tuple[Touchpoint, ...]" = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Greeting:
    """An unsigned handshake whose code a person has to type in at the vendor's."""

    verification_code: str


# What a document or a delivery says.
Saying: TypeAlias = "Fact | Touchpoint | Sighting"

Verdict = Literal["genuine", "greeting"] | Greeting

# verify(delivery, connection, now): "greeting" is an unsigned handshake that wants a plain 200
# and nothing more. Raises Forged.
Verify = Callable[[Delivery, Connection, datetime], Verdict]

# read(delivery, connection, identify): raises Unreadable with path and rule.
Read = Callable[[Delivery, Connection, Identify], Heard]

# read_document(document, connection, identify, received_at): raises Unreadable.
ReadDocument = Callable[[Document, Connection, Identify, datetime], "tuple[Saying, ...]"]


def notice_of(connection: Connection, kind: str, object_id: str, **details: str) -> Notice:
    """Somebody has to ask this account's platform for the object."""
    return Notice(
        platform=connection.platform,
        account=connection.account,
        kind=kind,
        object_id=object_id,
        details=details,
    )
