"""What an API is made of: routes as data, what a call asks, what it is answered. Pure.

A route says everything about itself once: the dispatcher, the rights, the OpenAPI document and the
tests all read it.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from importlib import import_module
from typing import ClassVar, Literal, TypeVar

from pydantic import BaseModel, ConfigDict

from vouchsafe.pure.rights import Caller, Right

Method = Literal["GET", "POST", "PUT", "DELETE"]


class Said(BaseModel):
    """A body, either way. An unknown field is refused by name, so that nothing slips in.

    `told_once` names the secrets in an answer: a repeat under the same key is told all but them.
    """

    model_config = ConfigDict(
        frozen=True, extra="forbid", hide_input_in_errors=True, defer_build=True
    )
    told_once: ClassVar[frozenset[str]] = frozenset()


M = TypeVar("M", bound=Said)


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """One call of a caller who has the right. `path` and `query` hold text as it was sent.

    `version` is what the caller has seen of the thing (If-Match), None where it was not told.
    `work_id` names this piece of work, and sorts by time; it is the same where a call under an
    Idempotency-Key was cut short and comes again, which `again` says.
    """

    caller: Caller
    now: datetime
    path: Mapping[str, str] = field(default_factory=dict)
    query: Mapping[str, str] = field(default_factory=dict)
    body: Said | None = None
    version: int | None = None
    work_id: str = ""
    again: bool = False

    def asked(self, model: type[M]) -> M:
        """The body, which is what the route asks for."""
        if not isinstance(self.body, model):
            raise TypeError(f"the route asks for {type(self.body).__name__}")
        return self.body


@dataclass(frozen=True, slots=True, kw_only=True)
class Reply:
    """What is answered; `version` is of the thing as it stands now (ETag). A route that `says` a
    text of its own answers `text` in place of a body."""

    body: Said | None = None
    text: str | None = None
    status: int = 200
    version: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Route:
    """One operation. `path` is a template such as `/proposals/{proposal_id}`.

    `name` is the operation's id, `asks` and `answers` are its bodies, `query` its parameters with
    what they mean. A POST is idempotent under a key, unless it is not `keyed`: a repeat of that is
    harmless by itself, and of what it is asked nothing may be kept. `says` is the media type of an
    answer that is a text and no JSON. `problems` are the statuses beside those that every route has
    (400, 401, 403, 429, 503).
    """

    method: Method
    path: str
    name: str
    summary: str
    right: Right
    handle: Callable[[Call], Reply]
    asks: type[Said] | None = None
    answers: type[Said] | None = None
    says: str = ""
    status: int = 200
    query: Mapping[str, str] = field(default_factory=dict)
    problems: tuple[int, ...] = ()
    keyed: bool = True

    def is_keyed(self) -> bool:
        """Whether an Idempotency-Key makes a repeat harmless; a PUT or DELETE is so by itself, and
        of a POST that only reads nothing is kept, not even under a key."""
        return self.keyed and self.method == "POST" and self.right != "read"


@dataclass(frozen=True, slots=True)
class Area:
    """Routes that are loaded together, by the first call that asks for them.

    `module` has them as ROUTES; `of` are their paths' beginnings, after that of the room.
    """

    module: str
    of: tuple[str, ...]

    def routes(self) -> tuple[Route, ...]:
        """Loads them."""
        found: tuple[Route, ...] = import_module(self.module).ROUTES
        return found

    def has(self, room: str, path: str) -> bool:
        """Whether the path is one of its own, if it is anybody's."""
        return any(f"{path}/".startswith(f"/{room}/{each}/") for each in self.of)


def routes_of(room: Iterable[Route | Area]) -> tuple[Route, ...]:
    """Every route of a room, those of its areas loaded."""
    parts = (each.routes() if isinstance(each, Area) else (each,) for each in room)
    return tuple(route for part in parts for route in part)
