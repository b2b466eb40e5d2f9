"""Where on the bill a discount fell, and what of it a return takes back."""

from collections.abc import Mapping, Sequence
from decimal import Decimal

from vouchsafe.pure.facts import Discount, Line
from vouchsafe.pure.money import split

# A share that belongs to no line of the bill: a discount on a bill without lines.
WHOLE_BILL = ""

Shares = Mapping[str, int]


def allocate(lines: Sequence[Line], discounts: Sequence[Discount]) -> dict[str, dict[str, int]]:
    """Shares in minor units by discount id and line id, which add up to each discount exactly.

    The platform's own shares are taken as told. The rest is split over the lines it may fall on,
    in proportion to what earlier discounts left of them, by largest remainder.
    """
    left = {line.line_id: max(line.gross_minor, 0) for line in lines}
    shares: dict[str, dict[str, int]] = {}
    for discount in sorted(discounts, key=lambda each: each.shares is None):
        own = _shares(discount, left)
        for line_id, share in own.items():
            left[line_id] = max(left.get(line_id, 0) - share, 0)
        shares[discount.discount_id] = own
    return shares


def _shares(discount: Discount, left: Mapping[str, int]) -> dict[str, int]:
    if discount.shares is not None:
        told: dict[str, int] = {}
        for line_id, share in discount.shares:
            told[line_id] = told.get(line_id, 0) + share
        return told
    among = [line for line in discount.lines or left if line in left] or list(left)
    if not among:
        return {WHOLE_BILL: discount.amount_minor} if discount.amount_minor else {}
    parts = split(discount.amount_minor, [left[line] for line in among])
    return {line: part for line, part in zip(among, parts, strict=True) if part}


def taken_back(share_minor: int, returned: Decimal, sold: Decimal) -> int:
    """What the first `returned` of `sold` units take back of a line's share.

    Rounded down, so that steps never exceed the share and the last unit takes the rest; a line
    sold in quantity 0 or less comes back whole.
    """
    if returned <= 0:
        return 0
    if sold <= 0 or returned >= sold:
        return share_minor
    return int(share_minor * returned // sold)
