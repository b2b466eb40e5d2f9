"""Toast's API of one group: logins, the orders of a restaurant, and one order."""

from collections.abc import Iterable
from datetime import date, datetime
from zoneinfo import ZoneInfo

from local.dealing import ZONE, Shop, place
from local.payloads import toast as payload
from local.payloads.message import Document, Json
from local.payloads.timeline import last
from local.till import Sale
from local.vendors.exchange import Answer, Request, Throttle, told
from local.vendors.shelf import Entry, Shelf, page

REFUSE_ONE_IN = 400
MOST_ORDERS = 100
LIFE_S = 86_400
_LOGIN = "/authentication/v1/authentication/login"


class Group:
    """One management group and its restaurants."""

    def __init__(self, shop: Shop, sales: Iterable[Sale]) -> None:
        held = list(sales)
        self._shop = shop
        self._restaurants = {place(sale.store).location_id for sale in held}
        self._shelf = Shelf(map(_entry, held))
        self._codes = sorted({each.code for sale in held for each in sale.discounts if each.code})
        self._throttle = Throttle(REFUSE_ONE_IN)

    def answer(self, request: Request) -> Answer:
        if request.path == _LOGIN:
            return self._signed_in(request)
        if request.headers.get("authorization") != f"Bearer {self._token()}":
            return _error(401, "Unauthorized")
        restaurant = request.headers.get("toast-restaurant-external-id", "")
        if restaurant not in {*self._restaurants, self._shop.shop}:
            return _error(403, "No access to this restaurant")
        if self._throttle.refuses():
            return Answer(429, b"{}", {"X-Toast-RateLimit-By": "GLOBAL", "Retry-After": "1"})
        if request.path == "/orders/v2/ordersBulk":
            return self._listed(request, restaurant)
        if request.path == "/config/v2/discounts":
            return told([_discount(self._codes)])
        found = self._shelf.get(request.path.removeprefix("/orders/v2/orders/"))
        if found is None or found.location_id != restaurant:
            return _error(404, "Order not found")
        return told(found.write())

    def _signed_in(self, request: Request) -> Answer:
        said = request.document()
        ours = (self._shop.api_key, self._shop.api_secret)
        if (said.get("clientId"), said.get("clientSecret")) != ours:
            return _error(401, "Invalid credentials")
        token: Document = {"tokenType": "Bearer", "accessToken": self._token(), "expiresIn": LIFE_S}
        return told({"token": token, "status": "SUCCESS"})

    def _token(self) -> str:
        return f"token-{self._shop.api_secret[:8]}"

    def _listed(self, request: Request, restaurant: str) -> Answer:
        query = request.query
        size, number = int(query.get("pageSize", MOST_ORDERS)), int(query.get("page", 1))
        if not 1 <= size <= MOST_ORDERS or number < 1:
            return _error(400, "pageSize must be 1 to 100")
        if "businessDate" in query:
            day = datetime.strptime(query["businessDate"], "%Y%m%d").date()  # noqa: DTZ007
            found = self._shelf.window(
                "created", lambda each: each.location_id == restaurant and _day(each.created) == day
            )
        elif {"startDate", "endDate"} <= query.keys():
            start, end = (datetime.fromisoformat(query[each]) for each in ("startDate", "endDate"))
            found = self._shelf.window(
                "updated",
                lambda each: each.location_id == restaurant and start <= each.updated < end,
            )
        else:
            return _error(400, "businessDate, or startDate and endDate, are needed")
        documents: list[Json] = [*page(found, (number - 1) * size, size)[0]]
        return told(documents)


def _entry(sale: Sale) -> Entry:
    return Entry(
        payload.order_id(sale.number),
        place(sale.store).location_id,
        sale.placed_at,
        last(sale).at,
        lambda: payload.order(sale),
    )


def _discount(codes: list[str]) -> Document:
    """What orders call a partner's coupon, with the codes that call for it."""
    promos: list[Json] = [
        {"guid": f"cj-promo-{code}", "entityType": "PromoCode", "code": code, "name": code}
        for code in codes
    ]
    return {
        "guid": "cj-coupon",
        "entityType": "Discount",
        "name": "Partner coupon",
        "active": True,
        "type": "OPEN_FIXED",
        "percentage": None,
        "amount": None,
        "promoCodes": promos,
    }


def _day(at: datetime) -> date:
    return at.astimezone(ZoneInfo(ZONE)).date()


def _error(status: int, message: str) -> Answer:
    return told({"status": status, "code": 0, "message": message}, status)
