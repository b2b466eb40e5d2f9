"""How a user wants campaigns, promotions and codes to be named, and whether a name is so.

A pattern is text with names in braces: `{season}{yy}_{word}` is kept by `SUMMER26_FREESHIP`.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from vouchsafe.pure.errors import Invalid

_SEASONS = ("SPRING", "SUMMER", "AUTUMN", "WINTER")
_LONGEST = 100
_MOST_SEASONS = 50
# Parts of any length: with few of them no name takes long to hold against a pattern.
_OPEN = {"word": r"[^\W_]+", "number": r"\d+"}
_MOST_OPEN = 3
_FIXED = {"year": r"20\d\d", "yy": r"\d\d", "month": r"(?:0[1-9]|1[0-2])"}
_PARTS = (*_OPEN, *_FIXED, "season", "campaign")


@dataclass(frozen=True, slots=True, kw_only=True)
class Naming:
    """Patterns; an empty one asks nothing. `strict`: a name that breaks one is an error, else it
    is advice. `version` counts the changes of the setting."""

    campaign: str = ""
    promotion: str = ""
    code: str = ""
    seasons: tuple[str, ...] = _SEASONS
    strict: bool = False
    version: int = 0


@dataclass(frozen=True, slots=True)
class Named:
    """Something with a name, its campaign, and the days that it runs on."""

    name: str
    campaign_id: str
    starts_on: date
    ends_on: date


def check(naming: Naming) -> None:
    """Raises Invalid for patterns that cannot be used."""
    if len(naming.seasons) > _MOST_SEASONS:
        raise Invalid("seasons", f"must be at most {_MOST_SEASONS}")
    if not all(re.fullmatch(r"[^\W_]{1,30}", season) for season in naming.seasons):
        raise Invalid("seasons", "must be words of letters and digits")
    _check("campaign", naming.campaign, {*_PARTS} - {"campaign"})
    _check("promotion", naming.promotion, {*_PARTS})
    _check("code", naming.code, {*_PARTS})


def broken(pattern: str, naming: Naming, named: Named) -> str:
    """The rule that the name breaks, in words; empty where it breaks none."""
    if not pattern:
        return ""
    found = re.fullmatch(_expression(pattern, naming, named), named.name, re.IGNORECASE)
    if found is None:
        return f"is not named as {pattern!r} asks: {named.name!r}"
    years = range(named.starts_on.year, named.ends_on.year + 1)
    said = found.groupdict()
    for part, runs_in in (("year", {str(year) for year in years}), ("yy", _short(years))):
        if said.get(part) and said[part] not in runs_in:
            return f"names a year in which it does not run: {said[part]}"
    return ""


def _short(years: range) -> set[str]:
    return {f"{year % 100:02d}" for year in years}


def _check(field: str, pattern: str, parts: set[str]) -> None:
    if len(pattern) > _LONGEST:
        raise Invalid(field, f"must have at most {_LONGEST} characters")
    names = list(_names(pattern))
    unknown = [name for name in names if name not in parts]
    if unknown or re.search(r"[{}]", re.sub(r"\{[^{}]*\}", "", pattern)):
        shown = ", ".join(f"{{{part}}}" for part in sorted(parts))
        raise Invalid(field, f"may name only {shown} in braces")
    if sum(name in _OPEN for name in names) > _MOST_OPEN:
        raise Invalid(field, f"may have at most {_MOST_OPEN} of {{word}} and {{number}}")


def _names(pattern: str) -> Iterator[str]:
    return (found[1] for found in re.finditer(r"\{([^{}]*)\}", pattern))


def _expression(pattern: str, naming: Naming, named: Named) -> str:
    told: set[str] = set()
    parts = re.split(r"\{([^{}]*)\}", pattern)
    text = ""
    for at, part in enumerate(parts):
        text += _part(part, naming, named, told) if at % 2 else re.escape(part)
    return text


def _part(part: str, naming: Naming, named: Named, told: set[str]) -> str:
    if part == "season":
        return f"(?:{'|'.join(map(re.escape, naming.seasons)) or '(?!)'})"
    if part == "campaign":
        return re.escape(named.campaign_id)
    if part in _FIXED and part not in told:
        told.add(part)
        return f"(?P<{part}>{_FIXED[part]})"
    return _FIXED.get(part) or _OPEN[part]
