"""Shopify's Admin API: GraphQL over the vendor's own type names, and the old REST listing."""

import base64
import json
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime
from operator import ge, gt, le, lt
from pathlib import Path
from typing import cast

import graphql

from local.dealing import Shop
from local.payloads import shopify as payload
from local.payloads.message import Json
from local.payloads.timeline import last
from local.till import Sale
from local.vendors import shopify_graph
from local.vendors.exchange import Answer, Request, Throttle, instant, told
from local.vendors.shelf import Entry, Shelf, When, page
from local.vendors.shopify_discounts import Discounts

MOST = 250
REFUSE_ONE_IN = 40
_SCHEMA = Path(__file__).with_suffix(".graphql")
# The topics of the room's door-plate.
TOPICS = (
    "ORDERS_CREATE",
    "ORDERS_UPDATED",
    "ORDERS_PAID",
    "ORDERS_CANCELLED",
    "ORDERS_EDITED",
    "ORDERS_DELETE",
    "REFUNDS_CREATE",
)
_TERM = re.compile(r"(\w+):(>=|<=|>|<)?\s*['\"]?([^'\"\s]+)['\"]?")
_TIMES: Mapping[str, When] = {
    "created_at": "created",
    "processed_at": "created",
    "updated_at": "updated",
}
_COMPARE: Mapping[str, Callable[[datetime, datetime], bool]] = {
    ">=": ge,
    "<=": le,
    ">": gt,
    "<": lt,
}
# The standard plan's bucket; the cost of a query is not worked out, only told.
_BUCKET: Json = {"maximumAvailable": 2000.0, "currentlyAvailable": 1900, "restoreRate": 100.0}
_COST: Json = {"requestedQueryCost": 100, "actualQueryCost": 100, "throttleStatus": _BUCKET}

Keep = Callable[[Entry], bool]


class Admin:
    """One shop's `/admin/api`."""

    def __init__(self, shop: Shop, sales: Iterable[Sale]) -> None:
        self._shop = shop
        self._orders = Shelf(_entry(sale) for sale in sales)
        self._wishes: list[shopify_graph.Node] = []
        self.discounts = Discounts()
        self._throttle = Throttle(REFUSE_ONE_IN)
        self._schema = graphql.build_schema(_SCHEMA.read_text())
        for named in self._schema.type_map.values():
            if isinstance(named, graphql.GraphQLInterfaceType | graphql.GraphQLUnionType):
                named.resolve_type = shopify_graph.type_of

    def subscribe(self, url: str) -> None:
        """The app wishes to hear of orders and refunds at an address."""
        for topic in TOPICS:
            self._wish(topic, {"uri": url})

    def answer(self, request: Request) -> Answer:
        if request.headers.get("x-shopify-access-token") != self._shop.api_key:
            return told({"errors": "[API] Invalid API key or access token"}, 401)
        match request.method, request.path.strip("/").split("/"):
            case "POST", ["admin", "api", _, "graphql.json"]:
                return self._graphql(request)
            case "GET", ["admin", "api", _, "orders.json"]:
                return self._rest(request)
            case "GET", ["admin", "api", _, "orders", file] if file.endswith(".json"):
                entry = self._orders.get(file.removesuffix(".json"))
                return (
                    told({"order": entry.write()}) if entry else told({"errors": "Not Found"}, 404)
                )
        return told({"errors": "Not Found"}, 404)

    def _graphql(self, request: Request) -> Answer:
        if self._throttle.refuses():
            thrown: Json = {"message": "Throttled", "extensions": {"code": "THROTTLED"}}
            return told({"errors": [thrown], "extensions": {"cost": _COST}})
        asked = request.document()
        result = graphql.graphql_sync(
            self._schema,
            str(asked.get("query")),
            root_value={
                "orders": self._listed,
                "order": self._node,
                "shop": self._self(),
                "webhookSubscriptions": self._wished,
                "webhookSubscriptionCreate": self._wish,
                **self.discounts.fields(),
            },
            variable_values=cast("dict[str, object] | None", asked.get("variables")),
            field_resolver=shopify_graph.resolve,
        )
        answer: dict[str, Json] = {"extensions": {"cost": _COST}}
        if result.data is not None:
            answer["data"] = cast("Json", result.data)
        if result.errors:
            answer["errors"] = [cast("Json", error.formatted) for error in result.errors]
        return told(answer)

    def _listed(
        self,
        first: int | None = None,
        after: str | None = None,
        query: str | None = None,
        reverse: bool = False,
        **sorting: object,
    ) -> shopify_graph.Node:
        if first is None or not 1 <= first <= MOST:
            raise ValueError("you must provide a first between 1 and 250")
        when: When = "updated" if sorting.get("sortKey") == "UPDATED_AT" else "created"
        found = self._orders.window(when, _searched(query or ""), newest_first=reverse)
        start = int(base64.b64decode(after)) if after else 0
        documents, rest = page(found, start, first)
        nodes = [shopify_graph.order(each) for each in documents]
        cursors = [_cursor(at + 1) for at in range(start, start + len(nodes))]
        return {
            "nodes": nodes,
            "edges": [
                {"cursor": cursor, "node": node}
                for cursor, node in zip(cursors, nodes, strict=True)
            ],
            "pageInfo": {
                "hasNextPage": rest is not None,
                "hasPreviousPage": start > 0,
                "startCursor": cursors[0] if cursors else None,
                "endCursor": cursors[-1] if cursors else None,
            },
        }

    def _node(self, id: str) -> shopify_graph.Node | None:  # noqa: A002  (the schema's word)
        entry = self._orders.get(id.rpartition("/")[2])
        return shopify_graph.order(entry.write()) if entry else None

    def _self(self) -> shopify_graph.Node:
        return {
            "id": "gid://shopify/Shop/1",
            "name": "Journey Market",
            "myshopifyDomain": self._shop.shop,
            "currencyCode": "USD",
            "ianaTimezone": "America/New_York",
        }

    def _wished(
        self,
        first: int | None = None,
        after: str | None = None,
        uri: str | None = None,
        topics: Sequence[str] | None = None,
        **_: object,
    ) -> object:
        found = [
            each
            for each in self._wishes
            if uri in {None, each["uri"]} and (topics is None or each["topic"] in topics)
        ]
        return shopify_graph.connection(found)(first=first, after=after)

    def _wish(self, topic: str, webhookSubscription: shopify_graph.Node) -> shopify_graph.Node:  # noqa: N803  (the schema's word)
        same = (topic, webhookSubscription.get("uri"))
        if same in {(each["topic"], each["uri"]) for each in self._wishes}:
            field = ["webhookSubscription", "callbackUrl"]
            message = "Address for this topic has already been taken"
            return {"userErrors": [{"field": field, "message": message}]}
        wish: shopify_graph.Node = {
            "id": f"gid://shopify/WebhookSubscription/{len(self._wishes) + 1}",
            "topic": topic,
            "format": "JSON",
            "includeFields": [],
            **webhookSubscription,
        }
        self._wishes.append(wish)
        return {"webhookSubscription": wish, "userErrors": []}

    def _rest(self, request: Request) -> Answer:
        if self._throttle.refuses():
            return told({"errors": "Exceeded 2 calls per second"}, 429, {"Retry-After": "2.0"})
        query = dict(request.query)
        start = 0
        if "page_info" in query:
            # A page_info carries the whole question; only limit and fields may stand beside it.
            start, query = json.loads(base64.urlsafe_b64decode(query["page_info"]))
        limit = int(query.get("limit", "50"))
        found = self._orders.window("updated", _bounded(query), newest_first=True)
        documents, rest = page(found, start, min(limit, MOST))
        link = self._link(request, rest, query) if rest is not None else {}
        return told({"orders": list(documents)}, headers=link)

    def _link(self, request: Request, rest: int, query: dict[str, str]) -> dict[str, str]:
        info = base64.urlsafe_b64encode(json.dumps([rest, query]).encode()).decode()
        url = f"{request.url}{request.path}?limit={query.get('limit', '50')}&page_info={info}"
        return {"Link": f'<{url}>; rel="next"'}


def _entry(sale: Sale) -> Entry:
    step = last(sale)
    return Entry(
        id=str(payload.order_id(sale)),
        location_id="",
        created=sale.placed_at,
        updated=step.at,
        write=lambda: payload.order(sale, step),
    )


def _searched(query: str) -> Keep:
    """Whether an order answers a search such as `updated_at:>='2017-11-18T00:00:00Z'`."""
    terms = [
        (_TIMES[name], _COMPARE[sign or ">="], instant(text))
        for name, sign, text in _TERM.findall(query)
        if name in _TIMES
    ]

    def keep(entry: Entry) -> bool:
        return all(compare(entry.at(when), bound) for when, compare, bound in terms)

    return keep


def _bounded(query: Mapping[str, str]) -> Keep:
    """Whether an order lies in the windows of a REST listing; both ends belong to it."""
    bounds = [
        (when, compare, instant(query[f"{name}_{end}"]))
        for name, when in _TIMES.items()
        for end, compare in (("min", ge), ("max", le))
        if query.get(f"{name}_{end}")
    ]

    def keep(entry: Entry) -> bool:
        return all(compare(entry.at(when), bound) for when, compare, bound in bounds)

    return keep


def _cursor(at: int) -> str:
    return base64.b64encode(str(at).encode()).decode()
