"""A touchpoint: a marketing contact with one person that somebody saw."""

from dataclasses import dataclass, replace
from datetime import datetime
from hashlib import sha256
from typing import Literal

from vouchsafe.pure import instant
from vouchsafe.pure.facts import joined
from vouchsafe.pure.register import channel_of

TouchKind = Literal["click", "email_click", "publication", "sighting", "visit"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Touchpoint:
    """`customer` is one identity key; `code` is canonical, where the contact carried one."""

    touchpoint_id: str
    customer: str
    seen_at: datetime
    kind: TouchKind
    utm_source: str = ""
    utm_medium: str = ""
    utm_campaign: str = ""
    campaign_id: str | None = None
    code: str | None = None

    def channel(self) -> str:
        """The marketing channel, as `source / medium`."""
        return channel_of(self.utm_source, self.utm_medium)


def named(touchpoint: Touchpoint) -> Touchpoint:
    """With an id: its own, else one of all that it says, so that a repeat is the same contact."""
    if touchpoint.touchpoint_id:
        return touchpoint
    said = (
        touchpoint.customer,
        touchpoint.kind,
        instant.text(touchpoint.seen_at),
        touchpoint.utm_source,
        touchpoint.utm_medium,
        touchpoint.utm_campaign,
        touchpoint.campaign_id or "",
        touchpoint.code or "",
    )
    digest = sha256(joined(said).encode()).hexdigest()[:24]
    return replace(touchpoint, touchpoint_id=f"{touchpoint.kind}-{digest}")
