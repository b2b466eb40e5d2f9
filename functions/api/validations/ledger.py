"""What the ledger says of a code on an order, as it stands now."""

from collections.abc import Iterable
from zlib import crc32

from pynamodb.transactions import TransactWrite

from vouchsafe.edge import redemptions_table
from vouchsafe.edge.uses_items import Fence
from vouchsafe.pure.claim import Claim
from vouchsafe.pure.claim_told import Told
from vouchsafe.pure.limit import Limit, limits_told, running
from vouchsafe.pure.redemption import Redemption
from vouchsafe.pure.register import Promotion, Register, promotions_of

_ENDED = frozenset({"lapsed", "rolled_back"})


def said_of(
    order: str, code: str, held: Claim | None, register: Register
) -> tuple[Told | None, Fence]:
    """The ledger's word on the use, None where the code is not on the order, and the condition
    under which it still holds. Raises Unavailable."""
    found = _rows(order, code)
    newest = _newest(found)
    item_id = newest.item_id() if newest else f"redemption#{code}#000"

    def fence(transaction: TransactWrite) -> None:
        redemptions_table.must_say(transaction, order, item_id, newest)

    return (_told(newest, found, held, register) if newest else None), fence


def redemption_of(order: str, code: str) -> Redemption | None:
    """The newest redemption of the code on the order. Raises Unavailable."""
    return _newest(_rows(order, code))


def _rows(order: str, code: str) -> list[Redemption]:
    rows = redemptions_table.of_order(order).values()
    return [row for row in rows if isinstance(row, Redemption) and row.code == code]


def _newest(rows: Iterable[Redemption]) -> Redemption | None:
    return max(rows, key=lambda row: row.generation, default=None)


def _told(
    newest: Redemption, found: Iterable[Redemption], held: Claim | None, register: Register
) -> Told:
    promotion = _promotion(newest, held, register)
    policy = promotion.on_rollback if promotion else "restore"
    limits = limits_told(promotion, newest) if promotion else ()
    return Told(
        promotion_id=promotion.promotion_id if promotion else "",
        state=newest.state,
        live=newest.holds_a_use(),
        counts=any(_counts(each, promotion) for each in found),
        day=newest.business_day,
        currency=newest.currency,
        limits=limits,
        on_rollback=policy,
        discount_minor=newest.discount_minor,
        returned_minor=newest.returned_minor,
        revenue_minor=_revenue(newest),
        mark=_mark(newest, limits),
        because=newest.because or "",
    )


def _promotion(row: Redemption, held: Claim | None, register: Register) -> Promotion | None:
    """The promotion that the shop claimed under, else the newest of the code's that ran."""
    claimed = register.promotion(held.promotion_id) if held and held.by == "asked" else None
    if claimed:
        return claimed
    known = promotions_of(register, register.code(row.code))
    return next(iter(running(known, row.business_day)), None)


def _counts(row: Redemption, promotion: Promotion | None) -> bool:
    """Whether it holds a use: by its state, or by policy after it was taken back."""
    kept = promotion is not None and promotion.on_rollback == "keep"
    return row.holds_a_use() or (kept and row.state in _ENDED and not row.no_effect)


def _mark(row: Redemption, limits: Iterable[Limit]) -> str:
    """Another word, or the same under other terms, is news."""
    terms = crc32("|".join(sorted(each.counter for each in limits)).encode())
    money = f"{row.returned_minor}/{_revenue(row)}"
    return f"{row.generation}/{row.facts_seen}/{row.state}/{money}/{terms:08x}"


def _revenue(row: Redemption) -> int:
    """What the order brought in for the code, once that is confirmed."""
    return row.revenue_minor if row.counts() else 0
