"""Where a fact of this room comes from: whose account, which bytes, and when we had them."""

from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256

from vouchsafe.pure.connection import Connection
from vouchsafe.pure.facts import Body, Fact, Kind, OrderKey
from vouchsafe.pure.identity import Identify

# Revision of this room's reading: raised when the same bytes come to other facts.
READER = 1
# The option of a connection that names the merchant whose orders its account holds.
MERCHANT = "merchant"


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """The bytes in hand, of one connection. `digest` is theirs."""

    connection: Connection
    identify: Identify
    digest: str
    received_at: datetime

    def fact(
        self,
        kind: Kind,
        order_id: str,
        object_id: str,
        version: str,
        body: Body,
        customer: tuple[str, ...] = (),
    ) -> Fact:
        """A fact that these bytes tell of one object of an order."""
        return Fact(
            order=OrderKey(
                platform=self.connection.platform,
                account=self.connection.account,
                order_id=order_id,
            ),
            kind=kind,
            object_id=object_id,
            version=version,
            body=body,
            source_digest=self.digest,
            reader=READER,
            received_at=self.received_at,
            customer=customer,
        )

    def customer(self, customer_id: str | None) -> str | None:
        """The identity key of a customer record, which only its own merchant knows."""
        if not customer_id:
            return None
        account = f"{self.connection.platform}/{self.connection.account}"
        return self.identify("customer", f"{account}/{customer_id}")

    def location(self) -> str | None:
        """At Clover every place is a merchant of its own."""
        return self.connection.options.get(MERCHANT) or None


def digest_of(body: bytes) -> str:
    """SHA-256, in hexadecimal."""
    return sha256(body).hexdigest()
