"""What ends soon with something left of it, how far it is used, and what could be done about it."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Literal

from vouchsafe.pure.money import Money
from vouchsafe.pure.register import Campaign, Promotion

Doing = Literal["extend", "release_otherwise", "let_go"]

# Where nobody can tell a pace, and where it would take for ever.
_USUAL_DAYS = 14
_MOST_DAYS = 92
# Used by less than half of what time would let expect: more days alone would not help.
_BEHIND = 0.5


@dataclass(frozen=True, slots=True, kw_only=True)
class Counted:
    """A counter that counts for ever: uses, or the budget's minor units."""

    used: int
    most: int
    is_budget: bool = False

    def left(self) -> int:
        return max(self.most - self.used, 0)

    def share(self) -> float:
        return min(self.used / self.most, 1.0) if self.most else 1.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Ending:
    """A promotion that runs on `today`, with its campaign and what is counted of it.

    `drawn` is how many codes were drawn for it by orders; those of files and rows nobody counts.
    `given` is how often publications gave one out.
    """

    promotion: Promotion
    campaign: Campaign
    today: date
    counted: tuple[Counted, ...]
    drawn: int = 0
    given: int = 0

    def days_left(self) -> int:
        """After today; 0 on the last day."""
        return (self.promotion.ends_on - self.today).days

    def days_passed(self) -> int:
        """Today included."""
        return max((self.today - self.promotion.starts_on).days + 1, 0)

    def share_passed(self) -> float:
        """Of the window, today included."""
        whole = (self.promotion.ends_on - self.promotion.starts_on).days + 1
        return self.days_passed() / whole

    def share_used(self) -> float | None:
        """Of whatever is fullest; None where nobody counts."""
        found = [*(each.share() for each in self.counted), *self._share_of_codes()]
        return max(found, default=None)

    def codes_used(self) -> int | None:
        """Where each code is good for one use and all uses are counted, uses are codes."""
        uses = [each.used for each in self.counted if not each.is_budget]
        return min(uses[0], self.drawn) if uses and self.promotion.code_limit == 1 else None

    def is_left(self) -> bool:
        """Whether somebody could use it still: it has something that may run out, and has not."""
        share = self.share_used()
        return bool(self.counted or self.drawn) and (share is None or share < 1)

    def _share_of_codes(self) -> Iterator[float]:
        used = self.codes_used()
        if used is not None and self.drawn:
            yield used / self.drawn


@dataclass(frozen=True, slots=True, kw_only=True)
class Could:
    """Something that could be done; `becomes` are entries as a proposal would say them."""

    do: Doing
    says: str
    becomes: tuple[Campaign | Promotion, ...] = ()


def could(ending: Ending) -> list[Could]:
    """What could be done, what helps most first."""
    used = ending.share_used()
    behind = used is not None and used < _BEHIND * ending.share_passed()
    found = [_release_otherwise(ending), _extend(ending), _let_go(ending)]
    return found if behind else [found[1], found[0], found[2]]


def _extend(ending: Ending) -> Could:
    days = _days_more(ending)
    last = ending.promotion.ends_on + timedelta(days=days)
    longer: list[Campaign | Promotion] = [replace(ending.promotion, ends_on=last)]
    if ending.campaign.ends_on < last:
        longer.insert(0, replace(ending.campaign, ends_on=last))
    with_it = ", and its campaign with it" if len(longer) > 1 else ""
    pace = _pace(ending)
    because = f"{pace:.0%} of it went a day so far" if pace else "nobody can tell its pace"
    says = f"Let it run {days} days longer, to {last}{with_it}: {because}."
    return Could(do="extend", says=says, becomes=tuple(longer))


def _release_otherwise(ending: Ending) -> Could:
    channel, used = ending.campaign.channel(), ending.share_used()
    how_far = "Nobody counts its uses" if used is None else f"{used:.0%} of it is used"
    says = (
        f"Give it to others, or by another way than {channel}: {how_far}, and"
        f" {ending.share_passed():.0%} of its days have passed.{_not_given(ending)}"
    )
    return Could(do="release_otherwise", says=says)


def _not_given(ending: Ending) -> str:
    """Where publications tell at all whom codes went to."""
    left = ending.drawn - ending.given
    if not ending.given or left <= 0:
        return ""
    return f" At least {left} of its {ending.drawn} codes went to nobody."


def _let_go(ending: Ending) -> Could:
    budget = next((each for each in ending.counted if each.is_budget), None)
    currency = ending.promotion.currency
    kept = f" {Money(budget.left(), currency)} are not spent." if budget and currency else ""
    return Could(do="let_go", says=f"Let it end on {ending.promotion.ends_on}.{kept}")


def _days_more(ending: Ending) -> int:
    """As long as what is left would last, after the days that it has."""
    pace = _pace(ending)
    if not pace:
        return _USUAL_DAYS
    lasts = -int(-(1 - (ending.share_used() or 0)) // pace)
    return min(max(lasts - ending.days_left(), 1), _MOST_DAYS)


def _pace(ending: Ending) -> float:
    """The share that went on a day; 0 where none did or nobody knows."""
    return (ending.share_used() or 0) / max(ending.days_passed(), 1)


def by_end(found: Sequence[Promotion]) -> list[Promotion]:
    """The first to end first."""
    return sorted(found, key=lambda each: (each.ends_on, each.promotion_id))
