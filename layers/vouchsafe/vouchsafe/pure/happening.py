"""A happening: something came about that others want to hear of; the envelope that all share."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from vouchsafe.pure import codec

Name = Literal[
    "AlarmRaised",
    "AlarmUpdated",
    "AlarmCleared",
    "AlarmEscalated",
    "BreakFound",
    "CodeUnregistered",
    "DriftFound",
    "FidelityChanged",
    "GapFound",
    "PromotionSwitched",
    "ReconciliationDone",
    "ReportReady",
]


@dataclass(frozen=True, slots=True, kw_only=True)
class Happening:
    """`id` is stable: a happening that is told twice has one id, and is delivered once.

    `subject` is what it is about, in JSON's types; `stack` names the installation that speaks.
    """

    happening: Name
    id: str
    at: datetime
    stack: str
    subject: Mapping[str, object]

    def text(self) -> str:
        """Canonical JSON, as it goes over the topic."""
        return codec.dumps(self)


def parse(text: str) -> Happening:
    """The happening that `text()` wrote. Raises Unreadable."""
    return codec.loads(Happening, text)
