"""Where facts come from: the bytes in hand, whose account they are of, and when we had them."""

from dataclasses import dataclass
from datetime import datetime

from vouchsafe.pure.connection import Connection
from vouchsafe.pure.facts import Body, Fact, Kind, OrderKey
from vouchsafe.pure.hearing import Delivery, Document
from vouchsafe.pure.identity import Identify


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """Bytes of one connection; `digest` is theirs, `reader` the revision that reads them."""

    connection: Connection
    identify: Identify
    digest: str
    received_at: datetime
    reader: int

    @staticmethod
    def of_delivery(
        delivery: Delivery, connection: Connection, identify: Identify, reader: int
    ) -> "Source":
        """What came to the door."""
        return Source(
            connection=connection,
            identify=identify,
            digest=delivery.digest(),
            received_at=delivery.received_at,
            reader=reader,
        )

    @staticmethod
    def of_document(
        document: Document,
        connection: Connection,
        identify: Identify,
        received_at: datetime,
        reader: int,
    ) -> "Source":
        """What the platform's API gave."""
        return Source(
            connection=connection,
            identify=identify,
            digest=document.digest(),
            received_at=received_at,
            reader=reader,
        )

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
            reader=self.reader,
            received_at=self.received_at,
            customer=customer,
        )

    def customer(self, customer_id: str | None) -> str | None:
        """The identity key of a customer record, whose id says who it is in its account only."""
        if not customer_id:
            return None
        account = f"{self.connection.platform}/{self.connection.account}"
        return self.identify("customer", f"{account}/{customer_id}")
