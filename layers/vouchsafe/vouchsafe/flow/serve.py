"""A call's road: find the route, know the caller, check right and body, do it, answer.

A POST under an Idempotency-Key is answered once: its mark goes down before the work, its answer
after it. A call that was cut short is worked again, which every route must bear; `Call.work_id` is
the same then, so that what was made can be found.
"""

import json
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from hashlib import sha256
from secrets import token_hex
from typing import Any
from urllib.parse import unquote

from vouchsafe.edge import answers_table, callers, clock, http_event, journal
from vouchsafe.edge.answers_table import Kept
from vouchsafe.edge.http_event import TooLarge
from vouchsafe.pure.asking import Area, Call, Reply, Route, Said, routes_of
from vouchsafe.pure.errors import (
    Absent,
    Conflict,
    Forbidden,
    Forged,
    Invalid,
    Refused,
    Throttled,
    Unavailable,
    Unreadable,
)
from vouchsafe.pure.facts import joined
from vouchsafe.pure.parsing import parsed
from vouchsafe.pure.problem import CONTENT_TYPE, Problem
from vouchsafe.pure.rights import Caller

Event = Mapping[str, Any]
Handler = Callable[[Event, object], dict[str, object]]
WhoCalls = Callable[[Event], Caller]

_JSON = "application/json"


class _Ended(Exception):
    """Ends a call with that answer."""

    def __init__(self, problem: Problem) -> None:
        super().__init__(problem.detail)
        self.problem = problem


def serve(
    room: str, routes: Sequence[Route | Area], who_calls: WhoCalls = callers.person
) -> Handler:
    """The Lambda of an API room. `GET /<room>/openapi.json` tells any caller what it takes.

    An area's routes are loaded by the first call for them.

    Answers with problem details: 400 where the call breaks a rule (with field and rule), 401
    without a caller, 403 without the right, 404, 405, 409 where somebody was faster, 413, 422 where
    an Idempotency-Key comes with other content, 429 with `Retry-After`, 503 where it is to be
    repeated.
    """
    desk = _Desk(room, routes, who_calls)

    def handle(event: Event, _context: object) -> dict[str, object]:
        with journal.line("call", room=room) as line:
            kept = desk.answered(event, line)
            line.note(status=kept.status)
            return {"statusCode": kept.status, "headers": kept.headers, "body": kept.body}

    return handle


@dataclass(frozen=True, slots=True)
class _Door:
    """A route, and the pattern of its path."""

    pattern: re.Pattern[str]
    route: Route


def _doors(routes: Iterable[Route]) -> tuple[_Door, ...]:
    """Fixed paths before those with names in them: `/proposals/check` is no proposal."""
    ordered = sorted(routes, key=lambda route: (route.path.count("{"), route.path))
    return tuple(_Door(_pattern(route.path), route) for route in ordered)


def _pattern(path: str) -> re.Pattern[str]:
    """`{name}` is one segment, `{name+}` the rest of the path."""
    parts = re.split(r"\{(\w+\+?)\}", path)
    text = "".join(
        re.escape(part)
        if at % 2 == 0
        else f"(?P<{part.rstrip('+')}>{'.+' if part.endswith('+') else '[^/]+'})"
        for at, part in enumerate(parts)
    )
    return re.compile(text)


class _Desk:
    def __init__(self, room: str, routes: Sequence[Route | Area], who_calls: WhoCalls) -> None:
        self._room = room
        self._routes = routes
        self._own = _doors(each for each in routes if isinstance(each, Route))
        self._loaded: dict[Area, tuple[_Door, ...]] = {}
        self._who_calls = who_calls

    def answered(self, event: Event, line: journal.Line) -> Kept:
        try:
            return self._called(event, line)
        except _Ended as ended:
            return _refused(ended.problem)
        except Forged:
            line.count("unknown_caller")
            return _refused(Problem(status=401, detail="sign in, or send a key"))
        except (Unavailable, Refused, Unreadable) as reason:
            line.count("failed")
            line.note(reason=str(reason))
            return _refused(_later(reason))

    def _called(self, event: Event, line: journal.Line) -> Kept:
        method, path = _asked_for(event)
        if (method, path) == ("GET", f"/{self._room}/openapi.json"):
            self._who_calls(event)
            return self._document()
        route, names = self._route(method, path)
        caller = self._who_calls(event)
        line.note(operation=route.name, caller=caller.id)
        if route.right not in caller.rights:
            line.count("forbidden")
            raise _Ended(Problem(status=403, detail=f"needs the right to {route.right}"))
        headers = {name.lower(): str(text) for name, text in (event.get("headers") or {}).items()}
        body = self._body(event)
        now = clock.now()
        call = Call(
            caller=caller,
            now=now,
            path=names,
            query=_query(route, event.get("queryStringParameters") or {}),
            version=_version(headers.get("if-match")),
            work_id=_work_id(now, token_hex(16)),
        )
        key = headers.get("idempotency-key", "") if route.is_keyed() else ""
        if not key:
            return _worked(route, call, body)
        return _worked_once(route, call, body, _sound(key))

    def _document(self) -> Kept:
        from vouchsafe.pure.openapi import Who, document  # rarely asked for, and heavy

        who: Who = "shop" if self._who_calls is callers.shop else "person"
        said = document(f"Vouchsafe: {self._room}", routes_of(self._routes), who)
        return Kept(status=200, headers={"content-type": _JSON}, body=json.dumps(said))

    def _route(self, method: str, path: str) -> tuple[Route, dict[str, str]]:
        doors = self._doors(path)
        found = [(door, match) for door in doors if (match := door.pattern.fullmatch(path))]
        for door, match in found:
            if door.route.method == method:
                # Matched before it is decoded, so that an escaped slash stays within its part.
                return door.route, {name: unquote(part) for name, part in match.groupdict().items()}
        if found:
            allowed = ", ".join(sorted({door.route.method for door, _ in found}))
            raise _Ended(Problem(status=405, detail=f"only {allowed} there"))
        raise _Ended(Problem(status=404, detail="there is no such path"))

    def _doors(self, path: str) -> tuple[_Door, ...]:
        """Those of the path's area, loaded where they are not yet; else the room's own."""
        areas = (each for each in self._routes if isinstance(each, Area))
        area = next((each for each in areas if each.has(self._room, path)), None)
        if area is None:
            return self._own
        if area not in self._loaded:
            self._loaded[area] = _doors(area.routes())
        return self._loaded[area]

    def _body(self, event: Event) -> bytes:
        try:
            return http_event.delivery(self._room, event, clock.now()).body
        except TooLarge as reason:
            raise _Ended(Problem(status=413, detail="the body is over 1 MiB")) from reason


def _asked_for(event: Event) -> tuple[str, str]:
    """Method and path, without the stage that API Gateway puts in front."""
    context = event.get("requestContext") or {}
    method = str((context.get("http") or {}).get("method", ""))
    path, stage = str(event.get("rawPath") or "/"), str(context.get("stage") or "")
    if stage not in ("", "$default") and path.startswith(f"/{stage}/"):
        path = path.removeprefix(f"/{stage}")
    return method, path


def _worked_once(route: Route, call: Call, body: bytes, key: str) -> Kept:
    caller, operation = call.caller.id, f"{route.name} {'/'.join(call.path.values())}"
    try:
        mark = answers_table.begin(caller, operation, key, body, call.now)
    except Invalid as reason:
        raise _Ended(
            Problem(status=422, detail=str(reason), field=reason.field, rule=reason.rule)
        ) from reason
    except Conflict as reason:
        raise _Ended(Problem(status=409, detail=str(reason), retry_after_s=1)) from reason
    if mark.answer is not None:
        headers = {**mark.answer.headers, "idempotent-replayed": "true"}
        return replace(mark.answer, headers=headers)
    work_id = _work_id(mark.since, joined((caller, operation, key)))
    try:
        kept = _worked(route, replace(call, work_id=work_id, again=mark.again), body)
    except BaseException:
        answers_table.lay_down(caller, operation, key)
        raise
    answers_table.end(caller, operation, key, _to_keep(route, kept), call.now)
    return kept


def _to_keep(route: Route, told: Kept) -> Kept:
    """What a repeat is answered: a secret is told once, and no table holds it."""
    once = route.answers.told_once if route.answers else frozenset()
    if not once:
        return told
    said = json.loads(told.body).items()
    return replace(told, body=json.dumps({name: each for name, each in said if name not in once}))


def _worked(route: Route, call: Call, body: bytes) -> Kept:
    """What a caller can mend is an answer like any other, and is kept like one."""
    try:
        asked = parsed(route.asks, body) if route.asks else None
        return _told(route, route.handle(replace(call, body=asked)))
    except Invalid as reason:
        return _refused(
            Problem(status=400, detail=str(reason), field=reason.field, rule=reason.rule)
        )
    except Unreadable as reason:
        # Ours to mend where no body was asked for: the tables hold what we cannot read.
        if route.asks is None:
            raise
        return _refused(
            Problem(status=400, detail=str(reason), field=reason.path, rule=reason.rule)
        )
    except Absent as reason:
        return _refused(Problem(status=404, detail=str(reason)))
    except Conflict as reason:
        return _refused(Problem(status=409, detail=str(reason)))
    except Forbidden as reason:
        return _refused(Problem(status=403, detail=str(reason)))


def _told(route: Route, reply: Reply) -> Kept:
    headers = {"content-type": route.says or _JSON, "cache-control": "no-store"}
    if reply.version is not None:
        headers["etag"] = f'"{reply.version}"'
    body = _json(reply.body) if reply.text is None else reply.text
    return Kept(status=reply.status, headers=headers, body=body)


def _json(body: Said | None) -> str:
    return body.model_dump_json(exclude_none=True) if body is not None else ""


def _refused(problem: Problem) -> Kept:
    headers = {"content-type": CONTENT_TYPE, "cache-control": "no-store"}
    if problem.retry_after_s:
        headers["retry-after"] = str(problem.retry_after_s)
    return Kept(status=problem.status, headers=headers, body=json.dumps(problem.body()))


def _later(reason: Exception) -> Problem:
    if isinstance(reason, Throttled):
        return Problem(
            status=429, detail="too many at once", retry_after_s=max(1, round(reason.retry_after_s))
        )
    return Problem(status=503, detail="not now: repeat the same call", retry_after_s=1)


def _query(route: Route, said: Mapping[str, str]) -> Mapping[str, str]:
    unknown = sorted(said.keys() - route.query.keys())
    if unknown:
        there = ", ".join(sorted(route.query)) or "none"
        rule = f"is no parameter here; there are: {there}"
        raise _Ended(
            Problem(status=400, detail=f"{unknown[0]} {rule}", field=unknown[0], rule=rule)
        )
    return dict(said)


def _version(text: str | None) -> int | None:
    """The version in an If-Match header."""
    if text is None or text.strip() == "*":
        return None
    number = text.strip().removeprefix("W/").strip('"')
    if not number.isdecimal() or len(number) > 15:
        rule = 'must be a version as ETag told it, such as "3"'
        raise _Ended(Problem(status=400, detail=f"If-Match {rule}", field="If-Match", rule=rule))
    return int(number)


def _work_id(since: datetime, of: str) -> str:
    """Ids that sort by time, to the millisecond."""
    milliseconds = since.microsecond // 1000
    return f"{since:%Y%m%d%H%M%S}{milliseconds:03d}-{sha256(of.encode()).hexdigest()[:8]}"


def _sound(key: str) -> str:
    if len(key) > answers_table.LONGEST_KEY or not key.isprintable() or not key.isascii():
        rule = f"must be at most {answers_table.LONGEST_KEY} printable ASCII characters"
        detail = f"Idempotency-Key {rule}"
        raise _Ended(Problem(status=400, detail=detail, field="Idempotency-Key", rule=rule))
    return key
