"""What stands in a path or a query: names, and the page of a list that is wanted."""

from collections.abc import Mapping

from vouchsafe.pure.asking import Call
from vouchsafe.pure.errors import Absent, Invalid
from vouchsafe.pure.register_values import LONGEST

PAGE = {"after": "what the page before said", "limit": "how many at most, 1 to 100"}
_MOST = 100
_USUAL = 50


def page_size(query: Mapping[str, str]) -> int:
    """How many a page may hold. Raises Invalid."""
    text = query.get("limit", str(_USUAL))
    if not (text.isascii() and text.isdecimal() and len(text) < 5 and 1 <= int(text) <= _MOST):
        raise Invalid("limit", f"must be a whole number from 1 to {_MOST}")
    return int(text)


def name_asked(call: Call, name: str) -> str:
    """A name out of the path. Raises Absent for one that no table could hold."""
    text = call.path[name]
    if len(text) > LONGEST:
        raise Absent(f"such {name}")
    return text


def after(call: Call) -> str | None:
    """What a page begins behind. Raises Invalid."""
    text = call.query.get("after")
    if text is not None and not 0 < len(text) <= LONGEST:
        raise Invalid("after", "must be as the page before said it")
    return text
