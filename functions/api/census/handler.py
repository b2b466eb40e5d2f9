"""Lambda: the census. Every code of every system, what contradicts it, and what to do about it."""

from vouchsafe.flow.serve import serve
from vouchsafe.pure.asking import Route

from . import codes, importing, words

_PAGE = {"after": "what the page before said", "limit": "how many at most, 1 to 100"}
_FILTERS = {
    "advice": "only codes of this advice",
    "system": "only codes that this system lists, or that its orders bear",
    "unregistered": "yes: only what orders bear and the register does not know",
}

ROUTES = (
    Route(
        method="POST",
        path="/census/imports",
        name="importList",
        summary="Takes in a part of a system's list of codes.",
        right="draft",
        handle=importing.take,
        asks=words.ImportAsked,
        answers=words.ImportTold,
        status=201,
    ),
    Route(
        method="GET",
        path="/census/systems",
        name="listSystems",
        summary="Lists the systems, with the newest complete list of each.",
        right="read",
        handle=importing.systems,
        answers=words.SystemsTold,
    ),
    Route(
        method="GET",
        path="/census/codes",
        name="listCodes",
        summary="Lists every code seen anywhere, with conflicts and advice.",
        right="read",
        handle=codes.every,
        answers=words.EntriesTold,
        query={**_PAGE, **_FILTERS},
    ),
    Route(
        method="GET",
        path="/census/codes/{code}",
        name="readCensus",
        summary="Reads a code, with rows to propose where the register does not know it.",
        right="read",
        handle=codes.one,
        answers=words.EntryWithRows,
    ),
    Route(
        method="GET",
        path="/census/table",
        name="readTable",
        summary="Reads the census as CSV, page by page.",
        right="read",
        handle=codes.table,
        answers=words.TableTold,
        query={**_PAGE, **_FILTERS},
    ),
)

handle = serve("census", ROUTES)
