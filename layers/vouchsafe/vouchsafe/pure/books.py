"""What a reconciliation found: breaks, each with its orders, and totals that foot."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Literal

from vouchsafe.pure.statement import Scope

BreakKind = Literal[
    "missing_in_ledger",
    "missing_at_till",
    "amount",
    "state",
    "code",
    "duplicate",
    "unmapped_discount",
]
BREAK_KINDS: tuple[BreakKind, ...] = (
    "missing_in_ledger",
    "missing_at_till",
    "amount",
    "state",
    "code",
    "duplicate",
    "unmapped_discount",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Break:
    """One defect between the till's list and the ledger.

    `orders` are the texts of the order keys it is about. Amounts are minor units of `currency`:
    what each side says of `field`; both 0 where the defect is no amount. `detail` says in words
    what each side has.
    """

    kind: BreakKind
    day: date
    location_id: str
    orders: tuple[str, ...]
    currency: str
    field: str
    till_minor: int
    ledger_minor: int
    code: str | None = None
    detail: str = ""

    def name(self) -> str:
        """Its name within the run: the same defect has the same name in every run."""
        return f"{self.kind}#{self.orders[0]}#{self.code or ''}#{self.field}"


@dataclass(frozen=True, slots=True, kw_only=True)
class CodeTotal:
    """One code at one place on one day, on both sides; the empty code is money without a code.

    Uses are redemptions that count; amounts are what the discount took off less what came back.
    """

    location_id: str
    code: str
    currency: str
    till_uses: int
    ledger_uses: int
    till_minor: int
    ledger_minor: int


@dataclass(frozen=True, slots=True, kw_only=True)
class DayResult:
    """One business day of one account, compared. Money by currency is in `codes` and `totals`.

    `totals` hold, by currency: till total, ledger total, till discounts, ledger discounts.
    """

    scope: Scope
    ran_at: datetime
    till_orders: int
    ledger_orders: int
    matched_orders: int
    totals: tuple[tuple[str, int, int, int, int], ...]
    codes: tuple[CodeTotal, ...]
    breaks: tuple[Break, ...]

    def agrees(self) -> bool:
        """Whether both sides say the same to the cent; money without a code is no disagreement."""
        return all(each.kind == "unmapped_discount" for each in self.breaks)
