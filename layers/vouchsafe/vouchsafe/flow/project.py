"""From facts to what is true of an order now: fold, derive, keep."""

from vouchsafe.edge import facts_table, orders_table, redemptions_table
from vouchsafe.pure.order import fold
from vouchsafe.pure.redemption import Projected, derive
from vouchsafe.pure.register import Register


def project(order: str, register: Register) -> Projected | None:
    """Folds an order's facts and keeps what follows from them; None while it has no document.

    Safe to run at any time, twice, and beside itself: the ledger only grows, and what was derived
    from less never replaces what was derived from more. Redemptions come before the order, so
    that a crash in between is healed by the repeat.
    """
    folded = fold(facts_table.of_order(order))
    if folded is None:
        return None
    revision = register.revision()
    projected = derive(folded, register)
    held = redemptions_table.of_order(order)
    rows: dict[str, redemptions_table.Row] = {row.item_id(): row for row in projected.rows()}
    for item_id, row in rows.items():
        if held.get(item_id) != row:
            redemptions_table.put(row, revision)
    for item_id in held.keys() - rows.keys():
        redemptions_table.take_out(order, item_id, folded.facts_seen, revision)
    orders_table.put(folded, projected.business_day, revision)
    return projected
