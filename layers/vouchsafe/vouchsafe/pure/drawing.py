"""Codes that are drawn by lot, a million at once: what may be ordered, and how a code is spelt."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from math import log2

from vouchsafe.pure import register_values as values
from vouchsafe.pure.errors import Invalid
from vouchsafe.pure.guessing import bits_needed, worth_of
from vouchsafe.pure.register import Promotion

# Of characters that are taken for each other one alone (`guessing.forms`), and no vowels: what is
# drawn spells no word.
ALPHABET = "BCDFGHJKMNPRSTWXYZ3479"
MOST = 1_000_000
# One load, and one item of the table: some ten seconds of writing.
A_PART = 10_000
_SHORTEST, _LONGEST = 4, 32


@dataclass(frozen=True, slots=True, kw_only=True)
class CodeOrder:
    """So many codes for a promotion; `{8}` in the pattern stands for eight drawn characters."""

    promotion_id: str
    pattern: str
    count: int

    def parts(self) -> int:
        return -(-self.count // A_PART)

    def size_of(self, part: int) -> int:
        """How many codes a part has, the first being 0."""
        return min(A_PART, self.count - part * A_PART)


def check(order: CodeOrder, promotion: Promotion | None) -> None:
    """Raises Invalid where the codes could be guessed, could not be told apart or had no terms."""
    if promotion is None:
        raise Invalid("promotion_id", f"is not in the register: {order.promotion_id!r}")
    if promotion.status == "retired":
        raise Invalid("promotion_id", f"is retired: {order.promotion_id!r}")
    if promotion.generic:
        raise Invalid("promotion_id", "is generic: everybody knows its codes, so none is drawn")
    drawn = drawn_length(order.pattern)
    try:
        values.code(spelt(order.pattern, ALPHABET[0] * drawn))
    except Invalid as error:
        raise Invalid("pattern", error.rule) from error
    bits = drawn * log2(len(ALPHABET))
    needed = bits_needed(order.count, worth_of(promotion))
    if bits < needed:
        more = next(n for n in range(drawn, 1000) if n * log2(len(ALPHABET)) >= needed)
        rule = f"has {bits:.0f} bits to guess, and these codes need {needed:.0f}: {{{more}}} has"
        raise Invalid("pattern", rule)


def drawn_length(pattern: str) -> int:
    """How many characters of the pattern are drawn. Raises Invalid."""
    parts = re.split(r"\{(\d{1,2})\}", pattern)
    if len(parts) != 3 or re.search(r"[{}]", parts[0] + parts[2]):
        raise Invalid("pattern", "must have one number in braces, such as AUTUMN-{8}")
    if not _SHORTEST <= int(parts[1]) <= _LONGEST:
        raise Invalid("pattern", f"may draw {_SHORTEST} to {_LONGEST} characters: {parts[1]}")
    return int(parts[1])


def spelt(pattern: str, drawn: str) -> str:
    """The code with those characters."""
    return re.sub(r"\{\d{1,2}\}", drawn, pattern, count=1)


def draw(pattern: str, choose: Callable[[str], str]) -> str:
    """A code; `choose` draws one character of an alphabet."""
    return spelt(pattern, "".join(choose(ALPHABET) for _ in range(drawn_length(pattern))))
