"""SAP Business One's Service Layer of one company: a session of two cookies, documents by day.

Its path is case-sensitive. A session belongs to one server behind the balancer, which the second
cookie names, and ends after a while; links to the next page are written without escapes.
"""

import hashlib
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

from local.dealing import Shop
from local.payloads import sap_business_one as payload
from local.payloads.message import Document, Json
from local.till import Sale
from local.vendors.exchange import Answer, Request, Throttle, told

REFUSE_ONE_IN = 60
# So many requests are half an hour's.
CALLS_OF_A_SESSION = 25
USUAL_PAGE = 20
TIMEOUT_MIN = 30
LOGIN = "/b1s/v1/Login"
_LISTS = "/b1s/v2/"
_TERM = re.compile(r"(?P<field>UpdateDate|DocDate) (?P<how>ge|le) '(?P<day>\d{4}-\d\d-\d\d)'")
_ORDERS = {"UpdateDate,DocEntry": "UpdateDate", "DocDate,DocEntry": "DocDate"}


@dataclass(frozen=True, slots=True)
class Paper:
    """One document, written out only when it is asked for; days are the server's."""

    entry: int
    days: Mapping[str, str]
    write: Callable[[], Document]


class Refused(Exception):
    """A question that the service does not understand."""


class Company:
    """One company's `/b1s`."""

    def __init__(self, shop: Shop, sales: Iterable[Sale]) -> None:
        held = list(sales)
        self._shop = shop
        self._shelves = {
            "Invoices": [paper for sale in held for paper in _invoices(sale)],
            "CreditNotes": [_memo(sale) for sale in held if sale.back],
        }
        self._throttle = Throttle(REFUSE_ONE_IN)
        self._sessions = 0
        self._calls = 0

    def answer(self, request: Request) -> Answer:
        if (request.method, request.path) == ("POST", LOGIN):
            return self._signed_in(request.document())
        if not self._knows(request.headers.get("cookie", "")):
            return _error(401, "301", "Invalid session or session already timeout.")
        if self._throttle.refuses():
            return _error(429, "429", "Too many requests")
        name = request.path.removeprefix(_LISTS)
        if request.method != "GET" or name not in self._shelves:
            return _error(404, "-1", f"Unrecognized resource path: {request.path}")
        try:
            return self._listed(name, request)
        except (Refused, ValueError) as reason:
            return _error(400, "201", f"Invalid query option: {reason}")

    def _signed_in(self, said: Document) -> Answer:
        ours = (self._shop.shop, self._shop.api_key, self._shop.api_secret)
        if (said.get("CompanyDB"), said.get("UserName"), said.get("Password")) != ours:
            return _error(401, "100000027", "Login failed")
        self._sessions += 1
        self._calls = 0
        session, route = self._cookies()
        cookies = (
            f"B1SESSION={session}; HttpOnly; Path=/b1s; SameSite=None\nROUTEID={route}; path=/b1s"
        )
        answer: Document = {
            "SessionId": session,
            "Version": "1000190",
            "SessionTimeout": TIMEOUT_MIN,
        }
        return told(answer, headers={"Set-Cookie": cookies})

    def _cookies(self) -> tuple[str, str]:
        """Those of the session that is open."""
        seed = f"{self._shop.api_secret} {self._sessions}".encode()
        return hashlib.sha256(seed).hexdigest()[:32], f".node{self._sessions % 4}"

    def _knows(self, cookie: str) -> bool:
        """Whether the session is open on the server that the request is led to."""
        given = dict(part.strip().partition("=")[::2] for part in cookie.split(";"))
        session, route = self._cookies()
        self._calls += 1
        alive = self._sessions > 0 and self._calls <= CALLS_OF_A_SESSION
        return alive and (given.get("B1SESSION"), given.get("ROUTEID")) == (session, route)

    def _listed(self, name: str, request: Request) -> Answer:
        query = request.query
        asked, order = query.get("$filter", ""), query.get("$orderby", "UpdateDate,DocEntry")
        if order not in _ORDERS:
            raise Refused(f"$orderby={order}")
        found = [each for each in self._shelves[name] if _is_wanted(each, asked)]
        found.sort(key=lambda each: (each.days[_ORDERS[order]], each.entry))
        start = int(query.get("$skip", "0"))
        size = _page_size(request) or len(found)
        page: list[Json] = [each.write() for each in found[start : start + size]]
        answer: Document = {"@odata.context": f"{_LISTS}$metadata#{name}", "value": page}
        if start + size < len(found):
            following = {**query, "$skip": str(start + size)}
            parts = "&".join(f"{key}={value}" for key, value in following.items())
            answer["@odata.nextLink"] = f"{name}?{parts}"
        return told(answer, headers={"Preference-Applied": f"odata.maxpagesize={size}"})


def _invoices(sale: Sale) -> Iterable[Paper]:
    days = {
        "DocDate": payload.day_of(sale.placed_at),
        "UpdateDate": payload.day_of(payload.changed_at(sale)),
    }
    yield Paper(payload.entry(sale.number), days, lambda: payload.invoice(sale))
    if sale.cancelled_at:
        off = payload.day_of(sale.cancelled_at)
        number = payload.cancellation_entry(sale.number)
        yield Paper(number, {"DocDate": off, "UpdateDate": off}, lambda: payload.cancellation(sale))


def _memo(sale: Sale) -> Paper:
    document = payload.memo(sale)
    days = {name: str(document[name]) for name in ("DocDate", "UpdateDate")}
    return Paper(payload.entry(sale.number), days, lambda: document)


def _is_wanted(paper: Paper, asked: str) -> bool:
    """Whether a document meets every term of a filter. Days are written so that text sorts."""
    for term in asked.split(" and ") if asked else ():
        found = _TERM.fullmatch(term)
        if found is None:
            raise Refused(f"$filter={term}")
        day, bound = paper.days[found["field"]], found["day"]
        if (day < bound) if found["how"] == "ge" else (day > bound):
            return False
    return True


def _page_size(request: Request) -> int:
    """What the request prefers; 0 is everything."""
    _, _, wanted = request.headers.get("prefer", "").partition("odata.maxpagesize=")
    return int(wanted) if wanted.isdecimal() else USUAL_PAGE


def _error(status: int, code: str, message: str) -> Answer:
    return told(
        {"error": {"code": code, "details": [{"code": "", "message": ""}], "message": message}},
        status,
    )
