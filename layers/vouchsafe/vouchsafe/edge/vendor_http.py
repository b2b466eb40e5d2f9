"""HTTP to a vendor: one request at a time, paced, with time limits, and only to its own host."""

import http.client
import json
import re
import ssl
import time
from collections.abc import Callable, Iterable
from email.utils import parsedate_to_datetime
from urllib.parse import urlsplit

from vouchsafe.edge import clock
from vouchsafe.pure.connection import Connection
from vouchsafe.pure.errors import Invalid, Refused, Throttled, Unavailable
from vouchsafe.pure.pull import Request, Response, Send

_TIMEOUT_S = 10.0
_LARGEST_ANSWER = 32 * 1024 * 1024
_DEFAULT_PATIENCE_S = 5.0
_LONGEST_PATIENCE_S = 3600.0
_FASTEST = 1000
# No answer was begun, so nothing was done; RemoteDisconnected is a ConnectionResetError.
_CLOSED_MEANWHILE = (ConnectionResetError, BrokenPipeError)
_LONGEST_REFUSAL = 64 * 1024
_CODE = re.compile(r"[A-Za-z0-9_.-]{1,80}")
_MOST_LINKS = 8

# By scheme and host, the one used longest ago first.
_links: dict[tuple[str, str], http.client.HTTPConnection] = {}

# take(platform, account, calls_a_second): returns when the account may be called.
Take = Callable[[str, str, float], None]


def sender(connection: Connection, calls_a_second: float, take: Take | None = None) -> Send:
    """A `Send` for one connection, at the room's pace or the connection's own `calls_a_second`,
    and with `take` only in turn with whoever else calls for the account.

    Requests to any other host than those that the connection names, as `api_url` or in an option
    that ends in `_url`, are Refused: no address out of a payload is ever called. Raises Invalid
    for a pace that is none.
    """
    homes = _homes(connection)
    rate = _pace_of(connection, calls_a_second)
    pace = _Pace(rate)

    def send(request: Request) -> Response:
        if _home(request.url) not in homes:
            raise Refused(f"{urlsplit(request.url).hostname} is not the vendor's host")
        pace.wait()
        if take is not None:
            take(connection.platform, connection.account, rate)
        return _judged(_exchange(request))

    return send


def _homes(connection: Connection) -> frozenset[tuple[str, str]]:
    named = (url for name, url in connection.options.items() if name.endswith("_url"))
    return frozenset(_home(url) for url in (connection.api_url, *named) if url)


def _home(url: str) -> tuple[str, str]:
    parts = urlsplit(url)
    return parts.scheme, parts.netloc


def _pace_of(connection: Connection, calls_a_second: float) -> float:
    try:
        pace = float(connection.options.get("calls_a_second", calls_a_second))
    except ValueError:
        pace = 0.0
    if not 0 < pace <= _FASTEST:
        raise Invalid("calls_a_second", f"must be a number above 0, up to {_FASTEST}")
    return pace


class _Pace:
    """Keeps calls apart by the vendor's limit."""

    def __init__(self, calls_a_second: float) -> None:
        self._gap_s = 1 / calls_a_second
        self._next = 0.0

    def wait(self) -> None:
        now = time.monotonic()
        if now < self._next:
            time.sleep(self._next - now)
        self._next = max(now, self._next) + self._gap_s


def _exchange(request: Request) -> Response:
    """One request and its answer. A connection that was kept may have been closed by the other
    side meanwhile, while the Lambda slept: then the request goes once more, on a fresh one."""
    where = urlsplit(request.url)
    link = _link(where.scheme, where.netloc)
    kept = link.sock is not None
    try:
        answer = _asked(link, request)
    except (OSError, http.client.HTTPException) as error:
        link.close()
        if not (kept and isinstance(error, _CLOSED_MEANWHILE)):
            raise Unavailable(f"{where.hostname}: {type(error).__name__}") from error
        return _exchange(request)
    if len(answer.body) > _LARGEST_ANSWER:
        link.close()
        raise Refused(f"{where.hostname}: the answer is over {_LARGEST_ANSWER} bytes")
    return answer


def _asked(link: http.client.HTTPConnection, request: Request) -> Response:
    where = urlsplit(request.url)
    target = where.path + (f"?{where.query}" if where.query else "")
    link.request(request.method, target, request.body, dict(request.headers))
    answer = link.getresponse()
    return Response(
        status=answer.status,
        headers=_joined(answer.getheaders()),
        body=answer.read(_LARGEST_ANSWER + 1),
    )


def _joined(headers: Iterable[tuple[str, str]]) -> dict[str, str]:
    """Headers by name in lower case; one that comes several times is one text (RFC 9110, 5.3), but
    cookies, which may hold commas, are one a line."""
    found: dict[str, str] = {}
    for name, value in headers:
        between = "\n" if name.lower() == "set-cookie" else ", "
        held = found.get(name.lower())
        found[name.lower()] = value if held is None else f"{held}{between}{value}"
    return found


def _judged(response: Response) -> Response:
    status = response.status
    if 200 <= status < 300:
        return response
    if status == 429:
        raise Throttled("the vendor asks for patience", _patience(response))
    if status >= 500 or status == 408:
        raise Unavailable(f"the vendor answered {status}")
    code = _code(response.body)
    raise Refused(f"the vendor answered {status} {code}".strip(), status=status, code=code)


def _code(body: bytes) -> str:
    """The vendor's own word for a refusal, `code` or the first error's; never its free text."""
    try:
        said = json.loads(body[:_LONGEST_REFUSAL])
        first = said["errors"][0] if "errors" in said else said
        code = str(first["code"])
    except (ValueError, LookupError, TypeError, RecursionError):
        return ""
    return code if _CODE.fullmatch(code) else ""


def _patience(response: Response) -> float:
    """Seconds, or the instant after which we may ask again (RFC 9110, 10.2.3)."""
    said = response.headers.get("retry-after", "")
    if said.isdecimal():
        return min(float(said), _LONGEST_PATIENCE_S)
    try:
        wait = parsedate_to_datetime(said) - clock.now()
    except (TypeError, ValueError):
        return _DEFAULT_PATIENCE_S
    return min(max(wait.total_seconds(), 1.0), _LONGEST_PATIENCE_S)


def hang_up() -> None:
    """Closes every connection that is kept."""
    while _links:
        _links.popitem()[1].close()


def _link(scheme: str, netloc: str) -> http.client.HTTPConnection:
    """The connection to a host, kept until others were used after it."""
    link = _links.pop((scheme, netloc), None) or _new(scheme, netloc)
    _links[scheme, netloc] = link
    while len(_links) > _MOST_LINKS:
        _links.pop(next(iter(_links))).close()
    return link


def _new(scheme: str, netloc: str) -> http.client.HTTPConnection:
    if scheme == "https":
        context = ssl.create_default_context()
        context.minimum_version = ssl.TLSVersion.TLSv1_2
        return http.client.HTTPSConnection(netloc, timeout=_TIMEOUT_S, context=context)
    return http.client.HTTPConnection(netloc, timeout=_TIMEOUT_S)
