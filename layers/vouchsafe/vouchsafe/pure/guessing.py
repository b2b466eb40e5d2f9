"""How hard a code is to guess, against what it is worth, and which codes are mistaken for others.

**The rule.** A million guesses must not win more than one unit of money on average. With N codes of
equal worth v among 2^H possible ones, 2^20 guesses win 2^20 * N * v / 2^H; so a code needs

    H >= 20 + log2(N * v)   bits, and has   H = length * log2(alphabet).

The length leaves out what all codes of a promotion share, the alphabet is what the canonical form
tells apart. The worth is uses times money a use. Twenty bits are what NIST SP 800-63B (section
5.1.2.1, read 2026-11-21) asks of look-up secrets behind a throttle; the rest is our own.

A person chooses words and not dice, so the bits of a chosen code are at most these.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from itertools import product
from math import log2

from vouchsafe.pure.codes import canonical
from vouchsafe.pure.money import exponent
from vouchsafe.pure.register import Promotion

GUESSES_BITS = 20
# Of what the canonical form tells apart: O is 0, and I and L are 1.
_DIGITS, _LETTERS, _BOTH = 10, 25, 33
# Where the terms do not say: what somebody could well do before it is seen.
_USES_ASSUMED = 100
_ORDER_ASSUMED = Decimal(100)
# Single characters that are taken for each other on paper and screens, beyond those that
# `codes.canonical` makes one already.
_ALIKE = ("S5", "Z2", "B8", "G6", "UV", "OQD")
_TAKEN_FOR = {char: group for group in _ALIKE for char in group}
_MOST_FORMS = 256


@dataclass(frozen=True, slots=True)
class Secret:
    """How many characters of a code nobody is told, and out of how many each is drawn."""

    length: int
    alphabet: int

    def bits(self) -> float:
        return self.length * log2(self.alphabet)


def secret_of(raw: str, length_shared: int = 0) -> Secret:
    """What there is to guess of a code, of which so many characters are shared with others."""
    has_digit = any(char.isdigit() for char in raw)
    has_letter = any(char.isalpha() for char in raw)
    alphabet = _BOTH if has_digit and has_letter else _DIGITS if has_digit else _LETTERS
    return Secret(max(0, len(canonical(raw)) - length_shared), alphabet)


def shared_length(canonicals: Sequence[str]) -> int:
    """How many characters all of several codes have in common in front and at their end."""
    if len(canonicals) < 2:
        return 0
    first, last = min(canonicals), max(canonicals)
    front = _same(first, last)
    turned = sorted(each[front:][::-1] for each in canonicals)
    return front + _same(turned[0], turned[-1])


def bits_needed(codes: int, worth: Decimal) -> float:
    """Of each of so many codes that are worth so much, in major units."""
    return GUESSES_BITS + log2(max(1, float(codes * worth)))


def worth_of(promotion: Promotion) -> Decimal:
    """What one code of it is worth at most, in major units; assumed where the terms do not say."""
    return _uses(promotion) * _of_a_use(promotion)


def forms(code: str) -> tuple[str, ...]:
    """Other canonical codes that this one is taken for; none where they are beyond counting."""
    groups = [_TAKEN_FOR.get(char, char) for char in code]
    count = 1
    for group in groups:
        count *= len(group)
        if count > _MOST_FORMS:
            return ()
    return tuple(form for form in map("".join, product(*groups)) if form != code)


def skeleton(code: str) -> str:
    """The same for all codes that are taken for each other."""
    return "".join(_TAKEN_FOR.get(char, char)[0] for char in code)


def _uses(promotion: Promotion) -> Decimal:
    if promotion.code_limit is not None:
        return Decimal(promotion.code_limit)
    said = [
        each.most for each in promotion.limits if each.scope == "code" and each.period == "ever"
    ]
    return Decimal(min(said)) if said else Decimal(_USES_ASSUMED)


def _of_a_use(promotion: Promotion) -> Decimal:
    caps = [promotion.cap_discount_at_minor, promotion.max_discount_minor]
    benefit = promotion.benefit
    if benefit and benefit.kind == "amount":
        caps.append(benefit.amount_minor)
    known = [cap for cap in caps if cap is not None]
    if known and promotion.currency:
        return Decimal(min(known)).scaleb(-exponent(promotion.currency))
    percent = benefit.percent if benefit and benefit.kind == "percent" else promotion.max_percent
    return _ORDER_ASSUMED * Decimal(str(percent)) / 100 if percent else _ORDER_ASSUMED


def _same(one: str, other: str) -> int:
    """How many characters both begin with."""
    at = 0
    for here, there in zip(one, other, strict=False):
        if here != there:
            break
        at += 1
    return at
