"""A WooCommerce site's REST API: orders, their refunds, its webhooks and coupons."""

import base64
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import UTC, datetime

from local.dealing import NORTH, Shop
from local.journey import SHOP_ZONE
from local.payloads import woocommerce as payload
from local.payloads.message import Document, Json
from local.payloads.timeline import last
from local.till import Sale
from local.vendors.exchange import Answer, Request, Throttle, instant, told
from local.vendors.shelf import Entry, Shelf, When, page

MOST_PER_PAGE = 100
# The host's firewall, not WooCommerce: a page instead of JSON, and no word on when to come back.
REFUSE_ONE_IN = 60
TOPICS = ("order.created", "order.updated", "order.deleted", "order.restored")
STATUSES = ("active", "paused", "disabled")
# WooCommerce gave this one up after failed deliveries, and nobody has looked since.
SWITCHED_OFF = (NORTH.account, "order.updated")
_BOUNDS: tuple[tuple[str, When, bool], ...] = (
    ("modified_after", "updated", True),
    ("modified_before", "updated", False),
    ("after", "created", True),
    ("before", "created", False),
)


class Site:
    """One shop's `/wp-json/wc/v3`."""

    def __init__(self, shop: Shop, sales: Iterable[Sale]) -> None:
        held = list(sales)
        pair = f"{shop.api_key}:{shop.api_secret}".encode()
        self._authorization = "Basic " + base64.b64encode(pair).decode()
        self._orders = Shelf(_entry(sale) for sale in held)
        self._sales = {str(payload.order_id(sale)): sale for sale in held}
        self._account = shop.account
        self._webhooks: list[Document] = []
        self.coupons: list[Document] = []
        self._throttle = Throttle(REFUSE_ONE_IN)

    def subscribe(self, url: str) -> None:
        """The owner makes a webhook for each topic; one of them was switched off meanwhile."""
        for topic in TOPICS:
            self._made({"name": f"Vouchsafe, {topic}", "topic": topic, "delivery_url": url})
            if (self._account, topic) == SWITCHED_OFF:
                self._webhooks[-1]["status"] = "disabled"

    def offer(self, code: str) -> Document:
        """A coupon that the shop has published; WooCommerce keeps codes in lower case."""
        made: Document = {"id": len(self.coupons) + 1, "code": code.lower(), "status": "publish"}
        self.coupons.append(made)
        return made

    def answer(self, request: Request) -> Answer:
        if request.headers.get("authorization") != self._authorization:
            return _error(401, "woocommerce_rest_cannot_view", "Sorry, you cannot list resources.")
        if self._throttle.refuses():
            return Answer(429, b"<h1>Too Many Requests</h1>", {"Content-Type": "text/html"})
        parts = request.path.strip("/").split("/")
        if parts[:3] != ["wp-json", "wc", "v3"]:
            return _error(404, "rest_no_route", "No route was found matching the URL.")
        return self._route(request.method, parts[3:], request)

    def _route(self, method: str, parts: list[str], request: Request) -> Answer:
        match method, parts:
            case "GET", ["orders"]:
                return self._list(request)
            case "GET", ["orders", order_id]:
                return self._one(order_id)
            case "GET", ["orders", order_id, "refunds"]:
                return self._refunds(order_id)
            case _, ["coupons", *rest]:
                return self._coupon(rest[0], request.document()) if rest else self._listed(request)
            case "GET", ["webhooks"]:
                return _paged(self._webhooks, request)
            case "POST", ["webhooks"]:
                return self._made(request.document())
            case "PUT", ["webhooks", webhook_id]:
                return self._changed(webhook_id, request.document())
        return _error(404, "rest_no_route", "No route was found matching the URL.")

    def _list(self, request: Request) -> Answer:
        query = request.query
        size = int(query.get("per_page", "10"))
        number = int(query.get("page", "1"))
        if not 1 <= size <= MOST_PER_PAGE or number < 1:
            return _error(400, "rest_invalid_param", "Invalid parameter(s): per_page")
        found = self._found(query)
        documents, _ = page(found, (number - 1) * size, size)
        pages = -(-len(found) // size)
        totals = {"X-WP-Total": str(len(found)), "X-WP-TotalPages": str(pages)}
        return told(list(documents), headers=totals)

    def _found(self, query: Mapping[str, str]) -> list[Entry]:
        # `any` leaves the trash out, and nothing here was ever put into it.
        if query.get("status") == "trash":
            return []
        newest_first = query.get("order", "desc") == "desc"
        when: When = "updated" if query.get("orderby") == "modified" else "created"
        found = self._orders.window(when, _wanted(query), newest_first=newest_first)
        if query.get("orderby") == "id":
            found.sort(key=lambda each: int(each.id), reverse=newest_first)
        return found

    def _one(self, order_id: str) -> Answer:
        entry = self._orders.get(order_id)
        if entry is None:
            return _error(404, "woocommerce_rest_shop_order_invalid_id", "Invalid ID.")
        return told(entry.write())

    def _refunds(self, order_id: str) -> Answer:
        sale = self._sales.get(order_id)
        if sale is None:
            return _error(404, "woocommerce_rest_shop_order_invalid_id", "Invalid ID.")
        return told([payload.refund(sale)] if sale.back else [])

    def _listed(self, request: Request) -> Answer:
        """What is published, all of it or one code."""
        code = request.query.get("code", "").lower()
        return _paged(
            [
                each
                for each in self.coupons
                if each["status"] == "publish" and code in ("", each["code"])
            ],
            request,
        )

    def _coupon(self, coupon_id: str, wish: Document) -> Answer:
        for each in self.coupons:
            if str(each["id"]) == coupon_id:
                each.update(wish)
                return told(each)
        return _error(404, "woocommerce_rest_shop_coupon_invalid_id", "Invalid ID.")

    def _made(self, wish: Document) -> Answer:
        """Made as active, whatever status is asked for; its secret is never shown."""
        topic = str(wish.get("topic"))
        if topic not in TOPICS:
            return _webhook_error("topic", "Webhook topic is required and must be valid.")
        if not wish.get("delivery_url"):
            return _webhook_error("delivery_url", "Webhook delivery URL must be a valid URL.")
        resource, _, event = topic.partition(".")
        made: Document = {
            "id": len(self._webhooks) + 1,
            "name": wish.get("name") or "Webhook",
            "status": "active",
            "topic": topic,
            "resource": resource,
            "event": event,
            "delivery_url": wish["delivery_url"],
        }
        self._webhooks.append(made)
        return told(made, 201)

    def _changed(self, webhook_id: str, wish: Document) -> Answer:
        for each in self._webhooks:
            if str(each["id"]) == webhook_id:
                if wish.get("status", "active") not in STATUSES:
                    return _webhook_error("status", "Webhook status must be valid.")
                each.update({name: wish[name] for name in ("name", "status") if name in wish})
                return told(each)
        return _webhook_error("id", "ID is invalid.")


def _entry(sale: Sale) -> Entry:
    step = last(sale)
    return Entry(
        id=str(payload.order_id(sale)),
        location_id="",
        created=sale.placed_at,
        updated=step.at,
        write=lambda: payload.order(sale, step),
    )


def _paged(held: Sequence[Document], request: Request) -> Answer:
    size, number = (
        int(request.query.get(name, usual)) for name, usual in (("per_page", "10"), ("page", "1"))
    )
    shown: list[Json] = [*held[(number - 1) * size : number * size]]
    pages = -(-len(held) // size)
    return told(shown, headers={"X-WP-Total": str(len(held)), "X-WP-TotalPages": str(pages)})


def _wanted(query: Mapping[str, str]) -> Callable[[Entry], bool]:
    """Whether an order lies in the asked windows; WooCommerce's bounds are both exclusive."""
    zone = UTC if query.get("dates_are_gmt") == "true" else SHOP_ZONE
    bounds: list[tuple[When, bool, datetime]] = [
        (when, later, instant(query[name], zone))
        for name, when, later in _BOUNDS
        if query.get(name)
    ]

    def keep(entry: Entry) -> bool:
        return all(
            entry.at(when) > bound if later else entry.at(when) < bound
            for when, later, bound in bounds
        )

    return keep


def _error(status: int, code: str, message: str) -> Answer:
    return told({"code": code, "message": message, "data": {"status": status}}, status)


def _webhook_error(field: str, message: str) -> Answer:
    return _error(400, f"woocommerce_rest_shop_webhook_invalid_{field}", message)
