"""Salesforce's two APIs: data extensions of one business unit, and one Loyalty organisation.

Both let in by client credentials. A session of the organisation ends early once, as when somebody
revokes it; whoever signs in again goes on where it was.
"""

import itertools
import re
from collections.abc import Iterable, Mapping
from datetime import datetime
from urllib.parse import parse_qs

from local.contacts import Contact
from local.dealing import Shop
from local.payloads import salesforce as payload
from local.payloads.message import Document, Json
from local.vendors.exchange import Answer, Request, Throttle, told

MOST_ROWS = 2500
# The platform decides how many records it gives at once; few here, so that a second page is asked.
A_BATCH = 10
REFUSE_ONE_IN = 8
CLOUD_LIFE_S = 1079
# How many questions the organisation's first session lives.
SHORT_LIFE = 1
# Codes at the head of each data extension that no mail has taken yet.
FREE = 40

_ROWSET = re.compile(r"/data/v1/customobjectdata/key/([^/]+)/rowset")
_QUERY = "/services/data/v62.0/query"
_SOQL = re.compile(
    r"SELECT \S.* FROM Voucher WHERE (?P<field>SystemModstamp|CreatedDate) >= (?P<start>\S+)"
    r" AND (?P=field) < (?P<end>\S+) ORDER BY (?P=field), Id"
)


class Sessions:
    """Tokens by client credentials; the first may live for a few questions only."""

    def __init__(self, shop: Shop, first_lives: int | None = None) -> None:
        self._credentials = (shop.api_key, shop.api_secret)
        self._seed = payload.digest(f"session {shop.api_secret}")[:8]
        self._numbers = itertools.count(1)
        self._left: dict[str, int | None] = {}
        self._first_lives = first_lives

    def signed_in(self, said: Mapping[str, Json]) -> str | None:
        """A token, where who asks is who it says."""
        ours = (said.get("client_id"), said.get("client_secret")) == self._credentials
        if said.get("grant_type") != "client_credentials" or not ours:
            return None
        number = next(self._numbers)
        token = f"token-{self._seed}-{number}"
        self._left[f"Bearer {token}"] = self._first_lives if number == 1 else None
        return token

    def let_in(self, request: Request) -> bool:
        """Whether the request's token lives; a question is a part of a short life."""
        name = request.headers.get("authorization", "")
        left = self._left.get(name, 0)
        if left:
            self._left[name] = left - 1
        return left is None or left > 0


class Cloud:
    """One business unit of Marketing Cloud: its data extensions and its callback."""

    def __init__(self, shop: Shop, contacts: Iterable[Contact]) -> None:
        self._shop = shop
        self._sessions = Sessions(shop)
        self._throttle = Throttle(REFUSE_ONE_IN, first=True)
        self._rows: dict[str, list[Document]] = {name: _pool() for name in payload.EXTENSIONS}
        # A mailing of one campaign fills one extension, the next campaign's the other.
        for each in contacts:
            name = payload.EXTENSIONS[int(each.row["campaign_id"][-2:]) % len(payload.EXTENSIONS)]
            self._rows[name].append(payload.claimed(each.row, each.used_at))
        self.verified = False

    def answer(self, request: Request) -> Answer:
        if request.path == "/v2/token":
            return self._signed_in(request)
        if not self._sessions.let_in(request):
            return _refused(401, "Not Authorized", 0)
        if self._throttle.refuses():
            answer = _refused(429, "Too many requests", 50200)
            return Answer(answer.status, answer.body, {**answer.headers, "Retry-After": "1"})
        if (request.method, request.path) == ("POST", "/platform/v1/ens-verify"):
            return self._verified(request)
        found = _ROWSET.fullmatch(request.path)
        if request.method != "GET" or found is None or found[1] not in self._rows:
            return _refused(404, "Not Found", 30003)
        return self._listed(found[1], request)

    def _signed_in(self, request: Request) -> Answer:
        said = request.document()
        token = self._sessions.signed_in(said)
        if token is None or said.get("account_id") != self._shop.shop:
            return told({"error": "invalid_client", "error_description": "Invalid client"}, 401)
        life: Document = {"token_type": "Bearer", "expires_in": CLOUD_LIFE_S}
        return told({"access_token": token, **life, "scope": "data_extensions_read"})

    def _verified(self, request: Request) -> Answer:
        wanted = {"callbackId": payload.CALLBACK, "verificationKey": payload.VERIFICATION_KEY}
        if request.document() != wanted:
            return _refused(400, "The verification key is not this callback's", 100)
        self.verified = True
        return told({})

    def _listed(self, name: str, request: Request) -> Answer:
        try:
            page, size = (int(request.query.get(f"${each}", 1)) for each in ("page", "pageSize"))
        except ValueError:
            return _refused(400, "$page and $pageSize must be numbers", 10001)
        if page < 1 or not 1 <= size <= MOST_ROWS:
            return _refused(400, f"$pageSize is at most {MOST_ROWS}", 10001)
        rows = self._rows[name]
        held: list[Json] = [*rows[(page - 1) * size : page * size]]
        links: Document = {"self": f"{request.path}?$page={page}"}
        if page * size < len(rows):
            links["next"] = f"{request.path}?$page={page + 1}"
        said: Document = {"customObjectKey": name, "page": page, "pageSize": size}
        return told({"links": links, **said, "count": len(rows), "items": held})


class Organisation:
    """One organisation with Loyalty Management, asked by SOQL."""

    def __init__(self, shop: Shop, contacts: Iterable[Contact]) -> None:
        self._sessions = Sessions(shop, SHORT_LIFE)
        self._vouchers = [payload.voucher(each.row, each.used_at) for each in contacts]
        self._results: dict[str, list[Document]] = {}

    def answer(self, request: Request) -> Answer:
        if request.path == "/services/oauth2/token":
            return self._signed_in(request)
        if not self._sessions.let_in(request):
            return _faulty(401, "INVALID_SESSION_ID", "Session expired or invalid")
        if request.method == "GET" and request.path == _QUERY:
            return self._asked(request.query.get("q", ""))
        name, _, start = request.path.removeprefix(f"{_QUERY}/").partition("-")
        if request.method == "GET" and name in self._results and start.isdecimal():
            return self._page(name, int(start))
        return _faulty(404, "NOT_FOUND", "The requested resource does not exist")

    def _signed_in(self, request: Request) -> Answer:
        form = parse_qs(request.body.decode(errors="replace"))
        token = self._sessions.signed_in({name: held[0] for name, held in form.items()})
        if token is None:
            said: Document = {"error": "invalid_client", "error_description": "invalid client"}
            return told(said, 400)
        # Nothing is said of the end of a session.
        return told({"access_token": token, "token_type": "Bearer", "instance_url": request.url})

    def _asked(self, soql: str) -> Answer:
        found = _SOQL.fullmatch(soql)
        if found is None:
            return _faulty(400, "MALFORMED_QUERY", "unexpected token")
        field, start, end = (found[each] for each in ("field", "start", "end"))
        span = datetime.fromisoformat(start), datetime.fromisoformat(end)
        kept = [
            each
            for each in self._vouchers
            if span[0] <= datetime.fromisoformat(str(each[field])) < span[1]
        ]
        kept.sort(key=lambda each: (str(each[field]), str(each["Id"])))
        name = f"01g{payload.digest(soql)[:12]}"
        self._results[name] = kept
        return self._page(name, 0)

    def _page(self, name: str, start: int) -> Answer:
        found, end = self._results[name], start + A_BATCH
        records: list[Json] = [*found[start:end]]
        said: Document = {"totalSize": len(found), "done": end >= len(found), "records": records}
        if end < len(found):
            said["nextRecordsUrl"] = f"{_QUERY}/{name}-{end}"
        return told(said)


def _pool() -> list[Document]:
    """Codes for the next ones, and one that was taken for somebody without an address."""
    free = [payload.unclaimed(f"FREE{at:04d}") for at in range(FREE)]
    return [*free, payload.claimed_by_nobody("FREE9999")]


def _refused(status: int, message: str, code: int) -> Answer:
    return told({"message": message, "errorcode": code, "documentation": ""}, status)


def _faulty(status: int, code: str, message: str) -> Answer:
    return told([{"errorCode": code, "message": message}], status)
