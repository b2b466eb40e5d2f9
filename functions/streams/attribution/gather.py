"""What a judgement needs to know of an order, in as few reads as will do."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache

from functions.streams.attribution.match import Publications, Row, horizon
from vouchsafe.edge import credits_table, redemptions_table, touchpoints_table
from vouchsafe.edge.credits_table import Held
from vouchsafe.pure.redemption import Redemption
from vouchsafe.pure.register import Register
from vouchsafe.pure.touchpoint import Touchpoint

Named = dict[str, dict[str, None]]  # item ids by order


class Given:
    """What was ever given to anybody: each code and campaign is asked for once, not for each use
    of it. A "no" may be over soon, so it serves only orders whose credits were read before."""

    def __init__(self) -> None:
        self.published = cache(touchpoints_table.published)
        self.published_in = cache(touchpoints_table.published_in)


@dataclass(frozen=True, slots=True)
class Known:
    """Credits of an order by item id, and what was read after them.

    In that order: a write finds the credits unchanged only if nobody has judged the order in
    between, who might have known more.
    """

    held: Mapping[str, Held]
    rows: Mapping[str, Row]
    given: Publications


def known(named: Named) -> dict[str, Known]:
    """What is held and what stands of the items named, for orders where that is all it takes.

    A hundred items come in one call.
    """
    keys = [(order, item_id) for order, ids in named.items() for item_id in ids]
    held = credits_table.of_items(keys)
    rows, given = redemptions_table.of_items(keys), Given()
    found = {
        order: Known(
            {item_id: held[order, item_id] for item_id in ids if (order, item_id) in held},
            {item_id: rows[order, item_id] for item_id in ids if (order, item_id) in rows},
            given,
        )
        for order, ids in named.items()
    }
    return {order: each for order, each in found.items() if _alone(named[order], each.rows)}


def whole(order: str) -> Known:
    """All credits of an order, and after them all of its rows."""
    held = credits_table.of_order(order)
    return Known(held, redemptions_table.of_order(order), Given())


def touches(rows: Iterable[Row], register: Register) -> list[Touchpoint]:
    """All touches that matter to an order, oldest first, each once: people have several keys."""
    redemptions = [row for row in rows if isinstance(row, Redemption)]
    since = horizon(redemptions, register)
    if since is None:
        return []
    until = max(row.redeemed_at for row in redemptions)
    found = {
        touch.touchpoint_id: touch
        for key in sorted({key for row in redemptions for key in row.customer})
        for touch in touchpoints_table.of_person(key, since, until)
    }
    return sorted(found.values(), key=lambda each: (each.seen_at, each.touchpoint_id))


def _alone(item_ids: Iterable[str], rows: Mapping[str, Row]) -> bool:
    """Whether no other code of the order has a say: which one carries the order is up to all."""
    codes = [item_id for item_id in item_ids if item_id.startswith("redemption#")]
    found = [rows.get(item_id) for item_id in codes]
    return all(isinstance(row, Redemption) and not row.other_codes for row in found)
