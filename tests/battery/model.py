"""The truth, in a model small enough to read: it shares no line with the product.

A story is what happened to one order at its till. What the ledger must hold of it in the end
follows from the last thing that happened, and from what came back.
"""

from dataclasses import dataclass, field

Parts = dict[str, list[int]]


@dataclass(frozen=True)
class Stage:
    """One version of the order as the till had it. Codes are (as typed, minor units)."""

    state: str  # open, confirmed, reversed
    codes: tuple[tuple[str, int], ...]
    minute: int


@dataclass(frozen=True)
class Story:
    """An order's stages, oldest first, and units of its one line of four that came back."""

    order_id: str
    stages: tuple[Stage, ...]
    returned_units: int = 0
    person: str = ""


@dataclass
class Truth:
    """What must be in the ledger in the end: (order, code, generation) -> (state, off, back)."""

    rows: dict[tuple[str, str, int], tuple[str, int, int]] = field(default_factory=dict)

    def add(self, story: Story) -> None:
        """Works an order's story out by hand."""
        generation, before = 0, None
        for stage in story.stages:
            if before and _restarts(before, stage):
                for code, parts in _by_code(before).items():
                    self.rows[story.order_id, code, generation] = _gone(parts)
                generation += 1
            before = stage
        last = story.stages[-1]
        now = _by_code(last)
        for code, parts in now.items():
            key = (story.order_id, code, generation)
            self.rows[key] = _state(last.state, parts, story.returned_units)
        self._add_removed(story, now, generation)

    def _add_removed(self, story: Story, now: Parts, generation: int) -> None:
        ended = {code for order, code, _ in self.rows if order == story.order_id}
        for stage in story.stages[:-1]:
            for code, parts in _by_code(stage).items():
                if code not in now and code not in ended:
                    self.rows[story.order_id, code, generation] = _gone(parts)


def spelled(code: str) -> str:
    """A code as all its spellings mean it: these tests only vary case, spaces and dashes."""
    return "".join(char for char in code.upper() if char.isalnum())


def _restarts(before: Stage, after: Stage) -> bool:
    reopened = before.state == "confirmed" and after.state == "open"
    revived = before.state == "reversed" and after.state != "reversed"
    return reopened or revived


def _by_code(stage: Stage) -> Parts:
    parts: Parts = {}
    for code, amount in stage.codes:
        if spelled(code):
            parts.setdefault(spelled(code), []).append(amount)
    return parts


def _gone(parts: list[int]) -> tuple[str, int, int]:
    return "rolled_back", sum(parts), sum(parts)


def _state(state: str, parts: list[int], units: int) -> tuple[str, int, int]:
    """Four units were sold; each takes a quarter of each discount back, rounded down."""
    if state == "reversed" or units == 4:
        return _gone(parts)
    if state == "open":
        return "redeemed", sum(parts), 0
    back = sum(amount * units // 4 for amount in parts)
    return ("partially_returned" if back else "confirmed"), sum(parts), back
