"""Reading the census: codes by page, one code with the rows to adopt it, and all as a table."""

from typing import get_args

from vouchsafe.flow import census
from vouchsafe.pure.asking import Call, Reply
from vouchsafe.pure.census import Known, discount_of
from vouchsafe.pure.census_adopt import rows
from vouchsafe.pure.census_table_text import HEADER, line
from vouchsafe.pure.census_verdict import Advice, judge
from vouchsafe.pure.codes import canonical
from vouchsafe.pure.errors import Absent, Invalid

from . import showing
from .words import EntriesTold, EntryWithRows, TableTold

_LONGEST_SUBJECT = 2000
# A filter may leave out whatever a call has looked at. Then the page is short, and says where it
# ended before a caller has waited long.
_MOST_LOOKS = 4


def every(call: Call) -> Reply:
    """Codes that pass the filters."""
    found, after = _page(call)
    told = [showing.entry(each, call.now.date()) for each in found]
    return Reply(body=EntriesTold(codes=told, after=after))


def one(call: Call) -> Reply:
    """A code however it is spelt, or a till's discount by its subject."""
    raw = call.path["code"]
    subject = raw if discount_of(raw) else canonical(raw)
    if not subject or len(subject) > _LONGEST_SUBJECT:
        raise Absent("such code")
    known = census.one(subject, call.now)
    if not (known.listed or known.noticed or known.registered or known.used.uses):
        raise Absent("such code")
    today = call.now.date()
    proposed = {kind: [dict(each) for each in of] for kind, of in rows(known, today).items()}
    told = showing.entry(known, today)
    return Reply(body=EntryWithRows(**told.model_dump(), rows=proposed or None))


def table(call: Call) -> Reply:
    """The same codes as lines of CSV."""
    found, after = _page(call)
    today = call.now.date()
    lines = [line(each, judge(each, today)) for each in found]
    head = [] if "after" in call.query else [HEADER]
    return Reply(body=TableTold(csv="".join([*head, *lines]), after=after))


def _page(call: Call) -> tuple[list[Known], str | None]:
    most, at = showing.page_size(call.query), showing.start(call.query)
    wanted = _Wanted(call)
    found: list[Known] = []
    after: census.At | None = at
    for _ in range(_MOST_LOOKS):
        if after is None or len(found) == most:
            break
        # Only as many as there is room for: what is over could not be gone back to.
        known, after = census.page(after, most - len(found), call.now)
        found += [each for each in known if wanted.passes(each)]
    return found, showing.end(after)


class _Wanted:
    """The filters of a call. Raises Invalid."""

    def __init__(self, call: Call) -> None:
        self._today = call.now.date()
        self._advice = call.query.get("advice")
        self._system = call.query.get("system")
        self._unregistered = call.query.get("unregistered")
        if self._advice is not None and self._advice not in get_args(Advice):
            raise Invalid("advice", f"must be one of {', '.join(get_args(Advice))}")
        if self._unregistered not in (None, "yes", "no"):
            raise Invalid("unregistered", "must be yes or no")

    def passes(self, known: Known) -> bool:
        if self._unregistered and known.is_unregistered() != (self._unregistered == "yes"):
            return False
        systems = {each.listing.system for each in known.listed}
        if known.noticed:
            systems.add(known.noticed.platform)
        if self._system and self._system not in systems:
            return False
        return not self._advice or judge(known, self._today).advice == self._advice
