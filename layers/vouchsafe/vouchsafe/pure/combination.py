"""Which codes may stand together, and the search for those that give most together."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import prod

from vouchsafe.pure.benefit import Given, Left, given_by, most_of, untouched
from vouchsafe.pure.cart import Cart
from vouchsafe.pure.terms import Candidate

# Up to so many codes all are compared.
MOST_CODES = 10
# So many combinations of their promotions, and the fewer the more lines there are: somebody waits
# at a till. Ten codes of one promotion each are 1,024, of a thousand lines about a second.
_MOST_COMBINATIONS = 4096
_MOST_WORK = 400_000

Taken = tuple[Candidate, Given]


@dataclass(frozen=True, slots=True, kw_only=True)
class Combination:
    """Codes that stand together, in the order in which they are applied, and what they give."""

    taken: tuple[Taken, ...] = ()

    def worth_minor(self) -> int:
        return sum(given.worth_minor() for _, given in self.taken)

    def codes(self) -> tuple[str, ...]:
        return tuple(candidate.code.canonical for candidate, _ in self.taken)


@dataclass(frozen=True, slots=True, kw_only=True)
class Field:
    """What is compared, and what was left out so that comparing ends.

    `passed_over` are codes beyond `MOST_CODES`; `narrowed` is whether only the promotion that
    gives most by itself was compared of each code.
    """

    options: tuple[Candidate, ...]
    passed_over: frozenset[str] = frozenset()
    narrowed: bool = False


def field_of(by_code: Mapping[str, Sequence[Candidate]], cart: Cart) -> Field:
    """What can be compared in full; of more, what gives most by itself."""
    most = min(_MOST_COMBINATIONS, _MOST_WORK // max(len(cart.lines), 1))
    ranked = sorted(by_code, key=lambda code: (-_most(by_code[code]), code))
    kept = {code: by_code[code] for code in ranked[:MOST_CODES]}
    narrowed = prod(1 + len(each) for each in kept.values()) > most
    if narrowed:
        kept = {code: [strongest(each)] for code, each in kept.items()}
    return Field(
        options=tuple(sorted((e for each in kept.values() for e in each), key=_turn)),
        passed_over=frozenset(ranked[MOST_CODES:]),
        narrowed=narrowed,
    )


def strongest(candidates: Sequence[Candidate]) -> Candidate:
    """Of a code's promotions the first that gives most by itself."""
    return max(candidates, key=lambda each: each.alone.worth_minor())


def stands_alone(candidate: Candidate) -> bool:
    """Whether no other code may be on the order.

    The alarms hold tills to the same rule: what is allowed here is no breach there.
    """
    return candidate.promotion.stacking != "combinable"


def best_of(options: Sequence[Candidate], cart: Cart) -> Combination:
    """The allowed combination that gives most; of equals the one of the fewest codes, and of
    those the one whose codes come first in turn. The options are sorted by their turn."""
    search = _Search(options, cart)
    for at, option in enumerate(options):
        search.offer((at,), ((option, option.alone),))
    search.descend(0, (), (), untouched(cart))
    return Combination(taken=search.best)


class _Search:
    """Depth first in the order of application, so that what codes leave is reckoned once.

    A branch is left when even the most that its other codes could give would not reach the best.
    """

    def __init__(self, options: Sequence[Candidate], cart: Cart) -> None:
        self._options = options
        self._cart = cart
        self._bounds = _bounds(options)
        self._rank: tuple[int, int, tuple[int, ...]] = (0, 0, ())
        self.best: tuple[Taken, ...] = ()

    def offer(self, turns: tuple[int, ...], taken: tuple[Taken, ...]) -> None:
        worth = sum(given.worth_minor() for _, given in taken)
        rank = (-worth, len(turns), turns)
        if rank < self._rank:
            self._rank, self.best = rank, taken

    def descend(
        self, start: int, turns: tuple[int, ...], taken: tuple[Taken, ...], left: Left
    ) -> None:
        worth = sum(given.worth_minor() for _, given in taken)
        used = {candidate.code.canonical for candidate, _ in taken}
        for at in range(start, len(self._options)):
            if worth + min(self._bounds[at], left.order_minor + left.shipping_minor) < (
                -self._rank[0]
            ):
                return
            option = self._options[at]
            if stands_alone(option) or option.code.canonical in used:
                continue
            given = given_by(option.promotion, self._cart, option.lines, left)
            if given.worth_minor():
                more, one = (*turns, at), (*taken, (option, given))
                self.offer(more, one)
                self.descend(at + 1, more, one, left.after(given))


def _bounds(options: Sequence[Candidate]) -> tuple[int, ...]:
    """The most that the codes from each place on could give, however little was taken before."""
    return tuple(sum(_most_by_code(options[at:]).values()) for at in range(len(options)))


def _most_by_code(options: Sequence[Candidate]) -> dict[str, int]:
    most: dict[str, int] = {}
    for each in options:
        if stands_alone(each):
            continue
        bound = most_of(each.promotion, each.lines, each.alone)
        most[each.code.canonical] = max(bound, most.get(each.code.canonical, 0))
    return most


def _most(candidates: Sequence[Candidate]) -> int:
    return max(each.alone.worth_minor() for each in candidates)


def _turn(candidate: Candidate) -> tuple[int, str, int]:
    """The higher priority first, then by code, then as the code names its promotions."""
    code, promotion = candidate.code, candidate.promotion
    at = code.promotions.index(promotion.promotion_id)
    return -promotion.priority, code.canonical, at
