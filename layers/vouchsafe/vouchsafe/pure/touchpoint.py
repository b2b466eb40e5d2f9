"""A touchpoint: a marketing contact with one person that somebody saw."""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

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
