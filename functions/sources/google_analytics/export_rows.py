"""Rows of the BigQuery export: each event of ours as a sighting, all others passed over.

Source: Google, [GA4] BigQuery Export schema, read 2026-11-20. The extract writes whole numbers as
text. Columns are Google's; what stands in `event_params` and `items` a browser said.
"""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from typing import Annotated

from pydantic import BeforeValidator, Field

from vouchsafe.pure.connection import Connection
from vouchsafe.pure.errors import Unreadable
from vouchsafe.pure.identity import Identify
from vouchsafe.pure.parsing import Key, Narrow, Scalar, parsed
from vouchsafe.pure.sighting import Sighting, SightingKind

from .words import (
    ACCEPTED,
    PURCHASE,
    REFUND,
    Day,
    applied_event,
    codes,
    currency,
    digest,
    minor,
    told,
    transaction,
)


def _whole(value: object) -> object:
    if isinstance(value, bool | float):
        raise ValueError("must be a whole number")  # noqa: TRY004 - pydantic's way to refuse
    return value


Whole = Annotated[int, BeforeValidator(_whole)]
# A double may hold what is no number at all.
Real = Annotated[Decimal, Field(allow_inf_nan=True), Scalar]


class Value(Narrow):
    """What a browser said, in the column that suits it."""

    string_value: str | None = None
    int_value: Whole | None = None
    float_value: Real | None = None
    double_value: Real | None = None

    def text(self) -> str:
        if self.string_value is not None:
            return self.string_value
        if self.int_value is not None:
            return str(self.int_value)
        number = self.number()
        return "" if number is None else str(number)

    def number(self) -> Decimal | None:
        """The number, where it was said as one."""
        if self.int_value is not None:
            return Decimal(self.int_value)
        return self.float_value if self.double_value is None else self.double_value


class Param(Narrow):
    key: str
    value: Value | None = None


class Item(Narrow):
    coupon: str | None = None


class Ecommerce(Narrow):
    transaction_id: str | None = None
    purchase_revenue: Real | None = None
    refund_value: Real | None = None


class Event(Narrow):
    """One row, as far as we want it."""

    event_name: Key
    event_date: Day
    event_timestamp: Whole
    event_bundle_sequence_id: Whole | None = None
    batch_page_id: Whole | None = None
    batch_ordering_id: Whole | None = None
    batch_event_index: Whole | None = None
    user_pseudo_id: str | None = None
    event_params: tuple[Param, ...] | None = None
    ecommerce: Ecommerce | None = None
    items: tuple[Item, ...] | None = None

    def param(self, key: str) -> Value:
        """The first value of that key; an empty one where there is none."""
        values = (each.value for each in self.event_params or () if each.key == key)
        return next((value for value in values if value), Value())


class Named(Narrow):
    event_name: Key


class Chunk(Narrow):
    rows: tuple[Named, ...]


def sightings(body: bytes, connection: Connection, identify: Identify) -> Iterator[Sighting]:
    """What the rows of a document say. Raises Unreadable, naming row and column."""
    applied = applied_event(connection)
    read = _Reading(connection, identify)
    for event in _events(body, frozenset({PURCHASE, REFUND, applied})):
        if event.event_name == applied:
            yield from read.applied(event)
        else:
            yield read.transaction(event)


def _events(body: bytes, wanted: frozenset[str]) -> Iterator[Event]:
    """The rows of these names: of all the others nothing but the name is looked at."""
    names = [row.event_name for row in parsed(Chunk, body).rows]
    ours = [at for at, name in enumerate(names) if name in wanted]
    if not ours:
        return
    try:
        rows = json.loads(body)["rows"]
    except (ValueError, RecursionError) as error:
        raise Unreadable("document", "is not JSON") from error
    for at in ours:
        yield _event(json.dumps(rows[at]).encode(), at)


def _event(row: bytes, at: int) -> Event:
    try:
        return parsed(Event, row)
    except Unreadable as error:
        path, rule = error.path, error.rule
    raise Unreadable(f"rows[{at}].{path}", rule)


@dataclass(frozen=True, slots=True)
class _Reading:
    """Events as they are understood for one property."""

    connection: Connection
    identify: Identify

    def transaction(self, event: Event) -> Sighting:
        bought = event.event_name == PURCHASE
        shop = event.ecommerce or Ecommerce()
        said = event.param("value").number()
        amount = shop.purchase_revenue if bought else shop.refund_value
        money = currency(event.param("currency").text())
        cents = minor(said if amount is None else amount, money)
        coupons = [event.param("coupon").text(), *(each.coupon for each in event.items or ())]
        return self._sighting(
            event,
            "purchased" if bought else "refunded",
            self._which(event),
            codes=codes(coupons, self.connection) if bought else (),
            transaction_id=transaction(event.param("transaction_id").text(), shop.transaction_id),
            # Pages write what goes back with either sign.
            amount_minor=cents if bought or cents is None else abs(cents),
            currency=money,
        )

    def applied(self, event: Event) -> Iterator[Sighting]:
        """One for each accepted code, the same however often a checkout tells of it; where neither
        browser nor checkout is known, every event is one of its own."""
        if told(event.param("result").text()).casefold() != ACCEPTED:
            return
        who, checkout = self._who(event), told(event.param("checkout_id").text())
        where = (who, checkout) if who or checkout else ("", self._which(event))
        for code in codes([event.param("coupon").text()], self.connection):
            yield self._sighting(event, "applied", digest(*where, code), codes=(code,))

    def _sighting(
        self,
        event: Event,
        kind: SightingKind,
        which: str,
        *,
        codes: tuple[str, ...],
        transaction_id: str = "",
        amount_minor: int | None = None,
        currency: str | None = None,
    ) -> Sighting:
        return Sighting(
            platform=self.connection.platform,
            account=self.connection.account,
            day=event.event_date,
            kind=kind,
            sighting_id=f"event:{which}",
            codes=codes,
            transaction_id=transaction_id,
            amount_minor=amount_minor,
            currency=currency,
        )

    def _which(self, event: Event) -> str:
        """There is no event id: what tells it from all others stands for one."""
        numbers = (
            event.event_timestamp,
            event.event_bundle_sequence_id,
            event.batch_page_id,
            event.batch_ordering_id,
            event.batch_event_index,
        )
        places = ("" if each is None else str(each) for each in numbers)
        return digest(self._who(event), event.event_name, *places)

    def _who(self, event: Event) -> str:
        """The browser as a keyed hash; empty where consent was denied."""
        browser = told(event.user_pseudo_id)
        name = f"google_analytics/{self.connection.account}/{browser}" if browser else None
        return self.identify("customer", name) or ""
