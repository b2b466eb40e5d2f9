"""Taking people out of what limits count: out of claims, their counters, told orders, standings.

It comes after the ledger: as long as that still says who it was, its next word would bring the
person back, and the message waits.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from vouchsafe.edge import (
    redemptions_table,
    standings_table,
    told_orders_table,
    uses_items,
    uses_table,
)
from vouchsafe.edge.uses_items import Sought
from vouchsafe.pure.errors import Conflict, Unavailable
from vouchsafe.pure.redemption import Redemption


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """Who is to be forgotten: people by their keys, an account by what its orders' keys begin with,
    and orders by name; `segment` of `segments` is the part of the table to look through."""

    keys: tuple[str, ...] = ()
    account: str = ""
    orders: tuple[str, ...] = ()
    segment: int = 0
    segments: int = 1


def forget(body: Mapping[str, Any], now: datetime) -> int:
    """Takes out what is found; of how many claims. Raises Unavailable where the ledger still says
    who it was, or somebody is at it: it is to be asked again."""
    wish = _wish(body)
    standings_table.forget(wish.keys)
    claims, counters = [], list[str]()
    if wish.keys or wish.account:
        sought = Sought(keys=wish.keys, account=wish.account)
        found, counters = uses_items.named(sought, wish.segment, wish.segments)
        claims = [(each.order, each.code) for each in found]
    for order in wish.orders:
        claims += [(order, each.code) for each in uses_table.of_order(order)]
    for order in dict.fromkeys(order for order, _ in claims):
        _must_be_forgotten_there(order, wish)
    for order, code in dict.fromkeys(claims):
        uses_table.unname(order, code, now)
    _forget_told(wish, now)
    for counter in counters:
        # What counts still goes with the last claim that counts there, wherever that lies.
        uses_items.drop_empty(counter)
    return len(claims)


def _wish(body: Mapping[str, Any]) -> Wish:
    return Wish(
        keys=tuple(body.get("keys", ())),
        account=str(body.get("account", "")),
        orders=tuple(body.get("orders", ())),
        segment=int(body.get("segment", 0)),
        segments=int(body.get("segments", 1)),
    )


def _must_be_forgotten_there(order: str, wish: Wish) -> None:
    everybody = order in wish.orders or (wish.account and order.startswith(wish.account))
    for row in redemptions_table.of_order(order).values():
        people = row.customer if isinstance(row, Redemption) else ()
        if people and (everybody or not frozenset(people).isdisjoint(wish.keys)):
            raise Unavailable("uses: the ledger still says who it was")


def _forget_told(wish: Wish, now: datetime) -> None:
    found = told_orders_table.naming(wish.keys, wish.account, wish.segment, wish.segments)
    for order in (*wish.orders, *found):
        try:
            told_orders_table.forget(order, now)
        except Conflict as reason:
            raise Unavailable("orders told: somebody changes one") from reason
