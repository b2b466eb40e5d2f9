"""What a platform's module does, and where it is done by hand where a platform has no way to."""

from collections.abc import Iterable, Mapping
from typing import Protocol

from vouchsafe.pure.channel import Sought, Switchable

# Platforms that hold no code of their own: there is nothing to switch.
TELL_ONLY = frozenset({"google_analytics", "salesforce", "touchpoints"})
ASKS_US = "direct"
SAYS_SO = "it asks before it honours a code, and hears no from us"

_NO_SWITCH = "the platform's API cannot switch a discount off; by hand: "
# Where a person finds the switch; as the vendors' help pages have it, 2026-11-21.
BY_HAND: Mapping[str, str] = {
    "clover": "Clover Dashboard > Inventory > Discounts",
    "lightspeed": "Back Office > Discounts",
    "lightspeed_retail": "Settings > Discounts",
    "micros": "Simphony EMC > Discounts, for the property",
    "revel": "Management Console > Products > Discounts",
    "sap_business_one": "whoever keeps the items and price lists",
    "toast": "Toast Web > Payments > Discounts, switch the discount or its promo code to inactive",
    "upserve": "HQ > Menu > Discounts",
    "vend": "Retail > Promotions",
}


class Channel(Protocol):
    """One account of a platform. Everything raises Refused, Unavailable, or Throttled."""

    def find(self, sought: Sought) -> Iterable[Switchable]:
        """The discounts that honour any of those codes."""
        ...

    def read(self, object_id: str) -> Switchable | None:
        """A discount as it is now; None where it is gone."""
        ...

    def switch_off(self, held: Switchable) -> None: ...

    def switch_on(self, held: Switchable, settings: str) -> None:
        """Has it as it was when `settings` were taken."""
        ...


def by_hand(platform: str) -> str:
    """Why it cannot be switched from here, and where it is done."""
    return _NO_SWITCH + BY_HAND.get(platform, "in its own back office")
