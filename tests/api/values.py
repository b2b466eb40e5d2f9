"""A gift card on the table of values, in memory, whose calls may fail; and what is asked of it."""

from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from pynamodb.connection.base import Connection

from tests.api.uses import Spoilt
from tests.battery.dynamo import Dynamo, Table
from tests.pure.values import SOLD, TERMS, asked, here
from vouchsafe.edge import values_table
from vouchsafe.pure import value_moves as moves
from vouchsafe.pure.facts import joined
from vouchsafe.pure.value import folded, payments
from vouchsafe.pure.value_moves import Returned, Sale, Standing

CODE = TERMS.code


@contextmanager
def spoilt() -> Iterator[Spoilt]:
    """The table in memory, and nobody sleeps."""
    found = Spoilt(Dynamo([Table("Values", ("pk", "sk"))]))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Connection, "client", property(lambda _: found))
        patch.setattr(values_table, "sleep", lambda _: None)
        yield found


def issue(minor: int = 5000, order: str = SOLD.order) -> Standing:
    sale = Sale(order=order, amount_minor=minor, paid_minor=minor)
    cause = moves.sale_cause("issued", order)
    return values_table.move(CODE, lambda seen: moves.issue(seen, TERMS, sale, here()), cause=cause)


def top_up(minor: int, order: str, minutes: float = 1) -> Standing:
    sale = Sale(order=order, amount_minor=minor, paid_minor=minor)
    cause = moves.sale_cause("topped_up", order)
    return values_table.move(
        CODE, lambda seen: moves.top_up(seen, sale, here(minutes)), cause=cause
    )


def hold(order: str, minor: int, minutes: float = 1, *, partly: bool = False) -> Standing:
    want = asked(order, minor, partly=partly)
    return values_table.move(
        CODE, lambda seen: moves.hold(seen, want, 30, here(minutes)), order=order
    )


def spend(order: str, minor: int, minutes: float = 1, *, partly: bool = False) -> Standing:
    want = asked(order, minor, partly=partly)
    return values_table.move(CODE, lambda seen: moves.spend(seen, want, here(minutes)), order=order)


def release(order: str, minutes: float = 1) -> Standing:
    return values_table.move(
        CODE, lambda seen: moves.release(seen, order, "", here(minutes)), order=order
    )


def give_back(order: str, name: str, minor: int | None, minutes: float = 2) -> Standing:
    back = Returned(order=order, payment="", return_id=name)
    return values_table.move(
        CODE,
        lambda seen: moves.give_back(seen, back, minor, here(minutes)),
        order=order,
        cause=back.cause(),
    )


def withdraw(name: str, minor: int | None, minutes: float = 1) -> Standing:
    cause = joined(("withdrawn", name))
    return values_table.move(
        CODE, lambda seen: moves.withdraw(seen, cause, minor, "why", here(minutes)), cause=cause
    )


def agree() -> None:
    """The balance is the fold of its entries, and each payment what the entries paid."""
    made = values_table.entries_of(CODE)
    assert values_table.get(CODE) == folded(made)
    assert [each.number for each in made] == list(range(1, len(made) + 1))
    for (order, payment), pays in payments(made).items():
        assert values_table.read(CODE, order=order, payment=payment).payment == pays


def balance() -> tuple[int, int, int]:
    """(available, held, spent)"""
    found = values_table.get(CODE)
    assert found is not None
    return found.available_minor, found.held_minor, found.spent_minor
