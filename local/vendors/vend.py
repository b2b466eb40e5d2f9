"""A shop's API of the X-Series: sales by version, sales and customers by id, its webhooks."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

from local.dealing import CURRENCY, ZONE, Shop
from local.payloads import vend as payload
from local.payloads.message import Document, Json
from local.payloads.timeline import Step, last
from local.till import Sale
from local.vendors.exchange import Answer, Request, Throttle, told

VERSION = "2026-07"
MOST_SALES = 1000
USUAL_SALES = 50
REFUSE_ONE_IN = 400
EVENT = "sale.update"


@dataclass(frozen=True, slots=True)
class Change:
    """The last change of a sale, written out only when it is asked for."""

    version: int
    write: Callable[[], Document]


class Store:
    """One shop's `/api/2026-07`, for whoever holds its personal token."""

    def __init__(self, shop: Shop, sales: Iterable[Sale]) -> None:
        held = list(sales)
        self._shop = shop
        self._authorization = f"Bearer {shop.api_key}"
        self._sales = {name: change for sale in held for name, change in _changes(sale)}
        self._by_version = sorted(self._sales.values(), key=lambda each: each.version)
        self._customers = {payload.customer_id(sale.household): sale for sale in held}
        self._webhooks: list[Document] = []
        self._throttle = Throttle(REFUSE_ONE_IN)

    def subscribe(self, url: str) -> None:
        """The application makes its one webhook."""
        self._webhooks.append({"id": "wh-0", "url": url, "type": EVENT, "active": True})

    def answer(self, request: Request) -> Answer:
        if request.headers.get("authorization") != self._authorization:
            return _error(401, "The access token is not valid")
        if not request.headers.get("user-agent"):
            return _error(403, "A User-Agent is needed")
        if self._throttle.refuses():
            return _patience()
        parts = request.path.strip("/").split("/")
        if parts[:2] != ["api", VERSION]:
            return _error(404, "Not found")
        return self._route(request.method, parts[2:], request)

    def _route(self, method: str, parts: list[str], request: Request) -> Answer:
        match method, parts:
            case "GET", ["sales"]:
                return self._listed(request)
            case "GET", ["sales", sale_id] if sale_id in self._sales:
                return told({"data": self._sales[sale_id].write()})
            case "GET", ["customers", customer_id] if customer_id in self._customers:
                return told({"data": payload.customer(self._customers[customer_id])})
            case "GET", ["retailer"]:
                return told({"data": self._retailer()})
            case _, ["webhooks", *rest]:
                return self._subscribed(method, rest, request.document())
        return _error(404, "Not found")

    def _listed(self, request: Request) -> Answer:
        try:
            after, most = (
                int(request.query.get(name) or usual)
                for name, usual in (("after", 0), ("page_size", USUAL_SALES))
            )
        except ValueError:
            return _error(422, "after and page_size must be numbers")
        later = [each for each in self._by_version if each.version > after]
        found = later[: min(most, MOST_SALES)]
        data: Json = [each.write() for each in found]
        span = (found[0].version, found[-1].version) if found else (None, None)
        return told({"data": data, "version": {"min": span[0], "max": span[1]}})

    def _subscribed(self, method: str, rest: list[str], asked: Document) -> Answer:
        if method == "GET" and not rest:
            return told({"data": list(self._webhooks)})
        if not {"url", "type", "active"} <= asked.keys():
            return _error(422, "url, type and active are needed")
        wish: Document = {name: asked[name] for name in ("url", "type", "active")}
        same = [each for each in self._webhooks if _sign(each) == _sign(wish)]
        if method == "POST" and not rest:
            if same:
                return _error(409, "A webhook with this type and URL already exists.")
            self._webhooks.append({"id": f"wh-{len(self._webhooks)}", **wish})
            return told({"data": self._webhooks[-1]}, 201)
        for at, each in enumerate(self._webhooks):
            if method == "PUT" and rest == [each["id"]]:
                self._webhooks[at] = {**each, **wish}
                return told({"data": self._webhooks[at]})
        return _error(404, "Not found")

    def _retailer(self) -> Document:
        return {
            "id": "cj-retailer",
            "domain_prefix": self._shop.shop,
            "currency": {"code": CURRENCY, "symbol": "$"},
            "timezone": ZONE,
            "tax_exclusive": True,
        }


def _changes(sale: Sale) -> Iterable[tuple[str, Change]]:
    step = last(sale)
    version = payload.version(sale, step)
    yield payload.sale_id(sale.number), Change(version, lambda: payload.sale(sale))
    if sale.back:
        after = payload.version(sale, Step("returned", sale.back.at)) + 1
        yield payload.return_id(sale.number), Change(after, lambda: payload.return_sale(sale))


def _sign(webhook: Document) -> tuple[Json, Json]:
    return webhook["type"], webhook["url"]


def _patience() -> Answer:
    """When to come back is said as a date."""
    back = format_datetime(datetime.now(UTC) + timedelta(seconds=1), usegmt=True)
    return told({"error": "Too many requests"}, 429, {"Retry-After": back})


def _error(status: int, message: str) -> Answer:
    return told({"error": message}, status)
