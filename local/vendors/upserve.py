"""Upserve's API: the checks of one venue by trading day, page by page."""

from collections.abc import Iterable

from local.dealing import Shop
from local.payloads import upserve as payload
from local.payloads.message import Document
from local.till import Sale
from local.vendors.exchange import Answer, Request, Throttle, told

MOST_CHECKS = 500
USUAL_CHECKS = 100
REFUSE_ONE_IN = 50


class Venue:
    """One venue's `/ws/v2`."""

    def __init__(self, shop: Shop, sales: Iterable[Sale]) -> None:
        self._credentials = (shop.shop, shop.api_secret, shop.api_key)
        self._throttle = Throttle(REFUSE_ONE_IN)
        self._days: dict[str, list[Sale]] = {}
        for sale in sorted(sales, key=lambda each: (each.placed_at, each.number)):
            self._days.setdefault(payload.trading_day(sale.placed_at), []).append(sale)

    def answer(self, request: Request) -> Answer:
        names = ("username", "password", "api-key")
        given = tuple(request.headers.get(f"x-breadcrumb-{each}", "") for each in names)
        if given != self._credentials:
            return _error(401, "authentication failed")
        if self._throttle.refuses():
            return _error(429, "too many requests")
        if (request.method, request.path) != ("GET", "/ws/v2/checks.json"):
            return _error(404, "not found")
        return self._listed(request)

    def _listed(self, request: Request) -> Answer:
        day = request.query.get("date", "")
        limit = _number(request.query.get("limit"), USUAL_CHECKS)
        offset = _number(request.query.get("offset"), 0)
        if len(day) != 8 or not day.isdecimal() or limit is None or offset is None:
            return _error(400, "date must be YYYYMMDD, limit and offset numbers")
        held = self._days.get(day, [])
        end = offset + min(limit, MOST_CHECKS)
        following = f"/ws/v2/checks.json?date={day}&limit={limit}&offset={end}"
        meta: Document = {
            "limit": limit,
            "offset": offset,
            "total_count": len(held),
            "next": following if end < len(held) else None,
            "previous": None,
        }
        return told({"meta": meta, "objects": [payload.check(each) for each in held[offset:end]]})


def _number(text: str | None, usual: int) -> int | None:
    if text is None:
        return usual
    return int(text) if text.isdecimal() else None


def _error(status: int, message: str) -> Answer:
    return told({"result": "failure", "error": message}, status)
