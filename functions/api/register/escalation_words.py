"""What the control room is asked and answers about escalation."""

from typing import Annotated

from pydantic import Field, StrictInt, StrictStr

from vouchsafe.pure.asking import Said

Minutes = Annotated[StrictInt, Field(ge=1, le=10_080)]
WallTime = Annotated[StrictStr, Field(pattern=r"^([01][0-9]|2[0-3]):[0-5][0-9]$")]
Minor = Annotated[StrictInt, Field(ge=1, le=10**12)]
CurrencyCode = Annotated[StrictStr, Field(pattern=r"^[A-Z]{3}$")]
Zone = Annotated[StrictStr, Field(max_length=64)]
# A group (S..) or a person (U.., W..) by Slack's id.
Mention = Annotated[StrictStr, Field(pattern=r"^(channel|here|[SUW][A-Z0-9]{2,20})?$")]


class PatienceSaid(Said):
    """Minutes from an alarm's call until it is told again, and from then until it is told once
    more; null: it is not. What would be told in the quiet hours is told when they end; they may
    pass midnight, and are none where both ends are one."""

    after_minutes: Minutes | None = None
    again_minutes: Minutes | None = None
    quiet_from: WallTime = "00:00"
    quiet_until: WallTime = "00:00"


class LevelSaid(Said):
    """From how much money at risk on, in minor units, an alarm is major, and critical."""

    currency: CurrencyCode
    major_minor: Minor
    critical_minor: Minor


class EscalationSaid(Said):
    """When an alarm that nobody acknowledges is told again, by its severity. Money in a currency
    without a level is major. `mention` is who is called: `channel`, `here`, a group or a person by
    Slack's id, or nobody."""

    minor: PatienceSaid
    major: PatienceSaid
    critical: PatienceSaid
    levels: tuple[LevelSaid, ...]
    zone: Zone = "UTC"
    mention: Mention = "channel"
