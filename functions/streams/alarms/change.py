"""What a stream record says: how a redemption was and is, or that an order is new."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from vouchsafe.edge import orders_table, redemptions_table
from vouchsafe.pure.redemption import Redemption

Record = Mapping[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """A redemption before and after. `sequence` rises with every change of the item."""

    sequence: int
    before: Redemption | None
    after: Redemption | None

    def redemption(self) -> Redemption:
        """Either side that is there, to name it by."""
        one = self.after or self.before
        if one is None:
            raise ValueError("a change has neither a new nor an old image")
        return one

    def gone(self) -> frozenset[str]:
        """The identity keys that it was of, and is no more."""
        before, after = (each.customer if each else () for each in (self.before, self.after))
        return frozenset(before) - frozenset(after)

    def is_new_use(self) -> bool:
        """Whether it holds a use now and held none before."""
        held = self.before is not None and self.before.holds_a_use()
        return self.after is not None and self.after.holds_a_use() and not held


def is_of_orders(record: Record) -> bool:
    """Orders have no sort key; redemptions have one."""
    return "sk" not in record["dynamodb"]["Keys"]


def change_of(record: Record) -> Change | None:
    """The change of a redemption; None where the record is of an unmapped discount."""
    images = record["dynamodb"]
    before, after = (_redemption(images.get(name)) for name in ("OldImage", "NewImage"))
    if before is None and after is None:
        return None
    return Change(sequence=int(images["SequenceNumber"]), before=before, after=after)


def placed_at(record: Record) -> datetime | None:
    """When a new order was placed; None for one that was there before, or is only a test."""
    images = record["dynamodb"]
    if "OldImage" in images or "NewImage" not in images:
        return None
    order, _ = orders_table.from_image(images["NewImage"])
    return None if order.test else order.placed_at


def _redemption(image: Any) -> Redemption | None:
    if not image or not image["sk"]["S"].startswith("redemption#"):
        return None
    row, _ = redemptions_table.from_image(image)
    return row if isinstance(row, Redemption) else None
