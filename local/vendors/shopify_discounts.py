"""The code discounts of a Shopify shop: looked up, deactivated, and given other dates."""

from collections.abc import Mapping
from datetime import UTC, datetime

from local.vendors import shopify_graph

_KIND = "DiscountCodeBasic"


class Discounts:
    """What the merchant has made, by the number of its node."""

    def __init__(self) -> None:
        self._held: list[shopify_graph.Node] = []

    def offer(self, *codes: str, ends_at: str | None = None) -> shopify_graph.Node:
        """A discount that honours these codes, from long ago on."""
        made: shopify_graph.Node = {
            "__typename": _KIND,
            "id": f"gid://shopify/DiscountCodeNode/{len(self._held) + 1}",
            "title": codes[0],
            "startsAt": "2026-01-01T00:00:00Z",
            "endsAt": ends_at,
            "usageLimit": None,
            "customerGets": {"value": {"__typename": "DiscountPercentage", "percentage": 0.1}},
            "codes": shopify_graph.connection(
                [{"id": code, "code": code, "asyncUsageCount": 0} for code in codes]
            ),
            "spelt": {each.casefold() for each in codes},
        }
        made["status"] = lambda: _status(made)
        self._held.append(made)
        return made

    def fields(self) -> Mapping[str, shopify_graph.Field]:
        """What queries and mutations may name."""
        return {
            "codeDiscountNodeByCode": self._by_code,
            "codeDiscountNode": self._node,
            "codeDiscountNodes": self._listed,
            "discountCodeDeactivate": self._deactivate,
            "discountCodeActivate": self._activate,
            "discountCodeBasicUpdate": self._update,
        }

    def _by_code(self, code: str) -> shopify_graph.Node | None:
        """Codes are compared without their case."""
        found = (each for each in self._held if code.casefold() in _spelt(each))
        return next(map(_node, found), None)

    def _node(self, id: str) -> shopify_graph.Node | None:  # noqa: A002  (the schema's word)
        held = self._one(id)
        return _node(held) if held else None

    def _listed(self, **asked: object) -> object:
        return shopify_graph.connection(list(map(_node, self._held)))(**asked)

    def _one(self, node_id: str) -> shopify_graph.Node | None:
        return next((each for each in self._held if each["id"] == node_id), None)

    def _deactivate(self, id: str) -> shopify_graph.Node:  # noqa: A002  (the schema's word)
        now = _text(datetime.now(UTC))
        held = self._one(id)
        if held is not None and _status(held) != "EXPIRED":
            starts = min(str(held["startsAt"]), now)
            held |= {"startsAt": starts, "endsAt": now}
        return _payload(held)

    def _activate(self, id: str) -> shopify_graph.Node:  # noqa: A002  (the schema's word)
        held = self._one(id)
        if held is not None and _status(held) == "EXPIRED":
            held["endsAt"] = None
        return _payload(held)

    def _update(self, id: str, basicCodeDiscount: shopify_graph.Node) -> shopify_graph.Node:  # noqa: A002, N803  (the schema's words)
        held = self._one(id)
        if held is not None:
            held |= basicCodeDiscount
        return _payload(held)


def _node(held: shopify_graph.Node) -> shopify_graph.Node:
    return {"id": held["id"], "codeDiscount": held}


def _payload(held: shopify_graph.Node | None) -> shopify_graph.Node:
    if held is None:
        error = {"code": "INVALID", "field": ["id"], "message": "Code discount does not exist."}
        return {"userErrors": [error]}
    return {"codeDiscountNode": _node(held), "userErrors": []}


def _status(held: shopify_graph.Node) -> str:
    now = _text(datetime.now(UTC))
    if held["endsAt"] is not None and str(held["endsAt"]) <= now:
        return "EXPIRED"
    return "SCHEDULED" if str(held["startsAt"]) > now else "ACTIVE"


def _spelt(held: shopify_graph.Node) -> set[str]:
    spelt = held["spelt"]
    return spelt if isinstance(spelt, set) else set()


def _text(at: datetime) -> str:
    return f"{at:%Y-%m-%dT%H:%M:%SZ}"
