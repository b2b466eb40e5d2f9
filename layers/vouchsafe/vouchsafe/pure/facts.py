"""A fact: what a platform said about one object at one version. Facts make a set, never a list."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from hashlib import sha256
from typing import Literal

from vouchsafe.pure import codec
from vouchsafe.pure.errors import Unreadable

Kind = Literal["order", "refund", "payment", "gone"]
DiscountKind = Literal["code", "automatic", "manual", "reward", "till"]
Settled = Literal["pending", "completed", "failed"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One line of the bill. `gross_minor` is before discounts, without added tax."""

    line_id: str
    quantity: Decimal
    gross_minor: int
    sku: str | None = None
    category: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Discount:
    """One discount of the bill, as a positive amount.

    `code_raw` is set only where the platform has a field for codes. `aliases` are the keys by
    which the register may know it, best first: `metadata:..`, `catalog:..`, `name:..`.
    `shares` are the platform's own amounts by line id; None where it does not tell them.
    `lines` narrows what an untold allocation may fall on; None means the whole bill.
    `where` is its path in the payload. `in_kind` gives something that has no amount on the bill,
    such as free shipping.
    """

    discount_id: str
    kind: DiscountKind
    amount_minor: int
    where: str
    code_raw: str | None = None
    aliases: tuple[str, ...] = ()
    name: str | None = None
    shares: tuple[tuple[str, int], ...] | None = None
    lines: tuple[str, ...] | None = None
    in_kind: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderSaid:
    """An order document. Instants are the platform's; money is in minor units of `currency`.

    `confirmed_at` follows the rule on the platform's door-plate; `signals` hold the instants of
    the single proofs (`payment`, `final_bill`, `check_in`) for campaigns that ask for one.
    `reversed_at` is set while the platform says that the whole order is off. `test` orders are
    kept and never counted. `sums_foot` is False where the document contradicts its own totals.
    `refunds` are the refunds that the document names in short, with their money; None where it
    does not say which there are.
    """

    currency: str
    placed_at: datetime
    updated_at: datetime
    confirmed_at: datetime | None = None
    reversed_at: datetime | None = None
    reversed_because: str | None = None
    signals: tuple[tuple[str, datetime], ...] = ()
    location_id: str | None = None
    staff: str | None = None
    channel: str | None = None
    test: bool = False
    gross_minor: int = 0
    discount_minor: int = 0
    tax_minor: int = 0
    tip_minor: int = 0
    total_minor: int = 0
    sums_foot: bool = True
    lines: tuple[Line, ...] = ()
    discounts: tuple[Discount, ...] = ()
    refunds: tuple[tuple[str, int], ...] | None = None

    def __post_init__(self) -> None:
        """Raises Unreadable where two lines or discounts share an id: their money would merge."""
        for name, ids in (
            ("lines", [line.line_id for line in self.lines]),
            ("discounts", [discount.discount_id for discount in self.discounts]),
        ):
            if len(set(ids)) != len(ids):
                raise Unreadable(name, "must have ids of their own")


@dataclass(frozen=True, slots=True, kw_only=True)
class ReturnedLine:
    """Units of one line that came back. `shares` are the platform's own, by discount id."""

    line_id: str
    quantity: Decimal
    shares: tuple[tuple[str, int], ...] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class RefundSaid:
    """Goods or money given back. `amount_minor` is the money; no lines: a plain amount."""

    currency: str
    state: Settled
    refunded_at: datetime
    amount_minor: int
    lines: tuple[ReturnedLine, ...] = ()
    reason: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class PaymentSaid:
    """A tender. `final` payments that fail or are cancelled do not confirm an order."""

    currency: str
    state: Settled
    paid_at: datetime
    amount_minor: int
    tip_minor: int = 0
    staff: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class GoneSaid:
    """The platform has the order no more: it was deleted for good, and it does not say when."""


def joined(parts: Iterable[str]) -> str:
    """One key of several parts; `#` and `%` inside a part are escaped, so that no two meet."""
    return "#".join(part.replace("%", "%25").replace("#", "%23") for part in parts)


def parted(text: str) -> tuple[str, ...]:
    """The parts that `joined` put together."""
    return tuple(part.replace("%23", "#").replace("%25", "%") for part in text.split("#"))


Body = OrderSaid | RefundSaid | PaymentSaid | GoneSaid


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderKey:
    """Which order: platform, the account's slug, and the platform's own id."""

    platform: str
    account: str
    order_id: str

    def text(self) -> str:
        """One string; `#` and `%` inside a part are escaped, so that no two orders share it."""
        parts = (self.platform, self.account, self.order_id)
        return joined(parts)

    @staticmethod
    def of(text: str) -> "OrderKey":
        """The key that `text()` wrote."""
        platform, account, order_id = parted(text)
        return OrderKey(platform=platform, account=account, order_id=order_id)


@dataclass(frozen=True, slots=True, kw_only=True)
class Fact:
    """What `body` says, of which object, at which version, and where we have it from.

    `version` is text whose order is the order of time: the platform's counter zero-padded, or its
    update time, or where it has neither when it was seen. `source_digest` is the SHA-256 of the
    bytes it was read from, `reader` the revision of the room's reader. `customer` holds identity
    keys, strongest first.
    """

    order: OrderKey
    kind: Kind
    object_id: str
    version: str
    body: Body
    source_digest: str
    reader: int
    received_at: datetime
    customer: tuple[str, ...] = ()

    def fact_id(self) -> str:
        """The fact's name within its order: kind, object, version and digest of what it says.

        When it arrived and by which road is left out: the same saying is the same fact. The
        reader's revision is in, so that a mended reading is a fact of its own.
        """
        parts = (self.kind, self.object_id, self.version, self.digest())
        return joined(parts)

    def digest(self) -> str:
        """What it says, whichever version of the object says it."""
        said = f"{self.reader}\0{codec.dumps(self.body)}"
        return sha256(said.encode()).hexdigest()[:20]


@dataclass(frozen=True, slots=True, kw_only=True)
class Notice:
    """A platform only named an object; somebody has to fetch it. `details` are its own hints."""

    platform: str
    account: str
    kind: str
    object_id: str
    details: Mapping[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Erasure:
    """A person, or a whole shop, asks to be forgotten: `customer` are the person's identity keys,
    `order_ids` orders that the platform names. `segment` is the part of the ledger that is to be
    looked through, None for all that is found without looking."""

    platform: str
    account: str
    order_ids: tuple[str, ...]
    customer: tuple[str, ...]
    asked: str
    whole_account: bool
    segment: int | None = None
