"""A small promotion and its claims, for the tests of limits; and a cloud whose calls may fail."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from botocore.exceptions import ClientError, ReadTimeoutError
from pynamodb.connection.base import Connection

from tests.battery.dynamo import Dynamo, Table
from vouchsafe.edge import uses_table
from vouchsafe.pure.cart import Cart
from vouchsafe.pure.claim import Claim, asked_for
from vouchsafe.pure.facts import Line
from vouchsafe.pure.offer import Offer
from vouchsafe.pure.register import Code, LimitTerm, Promotion

NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)
DAY = date(2026, 11, 20)
MAIL = Code(canonical="MA1L", raw="MA1L", promotions=("P1",))


def promotion(*limits: str, **said: object) -> Promotion:
    """A promotion with limits as `promotion/ever=3`."""
    default: dict[str, object] = {
        "promotion_id": "P1",
        "campaign_id": "mailing",
        "starts_on": date(2026, 11, 1),
        "ends_on": date(2026, 11, 30),
        "voucher_class": "discount",
        "owner": "mara",
        "purpose": "new guests",
        "limits": tuple(map(term, limits)),
    }
    return Promotion(**(default | said))  # type: ignore[arg-type]


def term(text: str) -> LimitTerm:
    """`scope/period=most`."""
    name, most = text.split("=")
    scope, period = name.split("/")
    return LimitTerm(scope=scope, period=period, most=int(most))  # type: ignore[arg-type]


def cart(order: str = "1", **said: object) -> Cart:
    """Two lines, 12.00 in all, bought by Ann in the corner shop."""
    default: dict[str, object] = {
        "platform": "direct",
        "account": "corner",
        "location_id": "high-street",
        "order_id": order,
        "currency": "EUR",
        "placed_at": NOW,
        "lines": (
            Line(line_id="a", quantity=Decimal(1), gross_minor=800),
            Line(line_id="b", quantity=Decimal(1), gross_minor=400),
        ),
        "customer": ("email:ann", "phone:1"),
        "device": "till-1",
    }
    return Cart(**(default | said))  # type: ignore[arg-type]


def offer(minor: int = 200, **said: object) -> Offer:
    """So much off."""
    default: dict[str, object] = {
        "code": "MA1L",
        "promotion_id": "P1",
        "terms_revision": 1,
        "discount_minor": minor,
        "allocation": (("a", minor),),
    }
    return Offer(**(default | said))  # type: ignore[arg-type]


def claim(
    terms: Promotion,
    order: str = "1",
    state: str = "redeemed",
    *,
    at: datetime = NOW,
    day: date = DAY,
    minor: int = 200,
    **said: object,
) -> Claim:
    """What a shop asks for."""
    bought = cart(order, **said)
    return asked_for(terms, MAIL, bought, offer(minor), day, at, state=state)  # type: ignore[arg-type]


def after(minutes: float) -> datetime:
    return NOW + timedelta(minutes=minutes)


@dataclass
class Spoilt:
    """Tables in memory; `before` and `behind` may spoil a call, by its name and number."""

    dynamo: Dynamo
    calls: list[str] = field(default_factory=list)
    before: Callable[[str], None] = lambda _: None
    behind: Callable[[str], None] = lambda _: None

    def _make_api_call(self, operation: str, asked: dict[str, Any]) -> dict[str, Any]:
        self.calls.append(operation)
        self.before(operation)
        answer = self.dynamo.answer(operation, asked)
        self.behind(operation)
        return answer


@contextmanager
def spoilt() -> Iterator[Spoilt]:
    """The product's tables in memory, and nobody sleeps."""
    found = Spoilt(
        Dynamo([Table(name, ("pk", "sk")) for name in ("Uses", "Redemptions", "Standings")])
    )
    uses_table.forget()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Connection, "client", property(lambda _: found))
        patch.setattr(uses_table, "sleep", lambda _: None)
        yield found
    uses_table.forget()


def cancelled(*codes: str) -> ClientError:
    """The answer to a transaction that met these reasons."""
    answer = {
        "Error": {"Code": "TransactionCanceledException"},
        "CancellationReasons": [{"Code": code} for code in codes],
    }
    return ClientError(answer, "TransactWriteItems")  # type: ignore[arg-type]


def lost() -> ReadTimeoutError:
    """No answer: nobody knows what happened."""
    return ReadTimeoutError(endpoint_url="dynamodb")


class Striking:
    """Raises at the next calls of an operation, as often as told."""

    def __init__(self, operation: str, error: Callable[[], Exception], times: int = 1) -> None:
        self._operation, self._error, self._left = operation, error, times

    def __call__(self, operation: str) -> None:
        if operation == self._operation and self._left:
            self._left -= 1
            raise self._error()


def again(held: Claim, **said: object) -> Claim:
    """The same with something else."""
    return replace(held, **said)  # type: ignore[arg-type]
