"""A figure beside its target, and the sections that figures stand in."""

from collections.abc import Callable
from dataclasses import dataclass, field

Tell = Callable[[int, int], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Figure:
    """One line: what, how much, what it ought to be, and whether it is; None where nothing is
    asked of it."""

    name: str
    found: str
    target: str = ""
    met: bool | None = None
    detail: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Section:
    """The figures of one question. `floor` says what the ratios are ratios to."""

    title: str
    floor: str
    figures: tuple[Figure, ...]
    notes: tuple[str, ...] = field(default=())


@dataclass(frozen=True, slots=True)
class Effort:
    """How much is measured: 1 is the whole, a smoke test is a hundredth of it."""

    share: float
    tell: Tell

    def of(self, full: int, least: int = 1) -> int:
        """So many rounds, rows or seeds of a full run's."""
        return max(least, round(full * self.share))


def at_most(
    name: str, found: float, target: float, *, unit: str = "", digits: int = 2, detail: str = ""
) -> Figure:
    """A figure that is good when it is small."""
    return Figure(
        name=name,
        found=_number(found, digits, unit),
        target=f"at most {_number(target, digits, unit)}",
        met=round(found, digits) <= target,
        detail=detail,
    )


def at_least(
    name: str, found: float, target: float, *, unit: str = "", digits: int = 0, detail: str = ""
) -> Figure:
    """A figure that is good when it is large."""
    return Figure(
        name=name,
        found=_number(found, digits, unit),
        target=f"at least {_number(target, digits, unit)}",
        met=round(found, digits) >= target,
        detail=detail,
    )


def plain(name: str, found: float, *, unit: str = "", digits: int = 2, detail: str = "") -> Figure:
    """A figure that nothing is asked of."""
    return Figure(name=name, found=_number(found, digits, unit), detail=detail)


def _number(value: float, digits: int, unit: str) -> str:
    return f"{value:,.{digits}f} {unit}".strip()
