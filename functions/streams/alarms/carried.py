"""Whether a code that a till took off as a discount carries a value besides."""

from vouchsafe.edge import values_table
from vouchsafe.pure.redemption import Redemption


def value_stands(redemption: Redemption) -> bool:
    """Whether the code was sold with a value, and the order was not paid with it."""
    entries, order = values_table.entries_of(redemption.code), redemption.key.text()
    paid = any(each.kind == "spent" and each.order == order for each in entries)
    return bool(entries) and not paid
