"""Shopify's order document as nodes of its GraphQL schema: the same order by another grammar."""

from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from decimal import Decimal
from typing import TypeAlias, cast

from graphql import GraphQLResolveInfo

from local.dealing import CURRENCY
from local.payloads.message import Document

# What a resolver meets: plain values, nodes, lists of nodes, and fields that take arguments.
Node: TypeAlias = dict[str, object]
Field: TypeAlias = Callable[..., object]

_TYPES = {
    "automatic": "AutomaticDiscountApplication",
    "discount_code": "DiscountCodeApplication",
    "manual": "ManualDiscountApplication",
    "script": "ScriptDiscountApplication",
}


def resolve(source: object, info: GraphQLResolveInfo, **arguments: object) -> object:
    """The field of a node; a field that takes arguments is a function of them."""
    value = cast("Mapping[str, object]", source).get(info.field_name)
    return value(**arguments) if callable(value) else value


def type_of(source: object, *_: object) -> str:
    """Which type of an interface or union a node is."""
    return str(cast("Mapping[str, object]", source)["__typename"])


def connection(nodes: Sequence[Node]) -> Field:
    """A list with pages, as GraphQL has them: a cursor is a position."""

    def listed(first: int | None = None, after: str | None = None, **_: object) -> Node:
        start = int(after) + 1 if after else 0
        end = len(nodes) if first is None else start + first
        edges = [
            {"cursor": str(at), "node": nodes[at]} for at in range(start, min(end, len(nodes)))
        ]
        return {
            "edges": edges,
            "nodes": [edge["node"] for edge in edges],
            "pageInfo": {
                "hasNextPage": end < len(nodes),
                "hasPreviousPage": start > 0,
                "startCursor": edges[0]["cursor"] if edges else None,
                "endCursor": edges[-1]["cursor"] if edges else None,
            },
        }

    return listed


def order(document: Document) -> Node:
    """The node of an order, from the document that a webhook carries."""
    said = _Said(document)
    applications = [
        _application(each, index) for index, each in enumerate(said.all("discount_applications"))
    ]
    lines = {each.text("id"): _line(each, applications) for each in said.all("line_items")}
    refunds = [_refund(each, lines, said) for each in said.all("refunds")]
    refunded = sum((_refunded(each) for each in said.all("refunds")), Decimal(0))
    return {
        **_head(said),
        **_totals(said),
        "totalRefundedSet": _bag(refunded),
        "discountApplications": connection(applications),
        "discountCodes": [each.text("code") for each in said.all("discount_codes")],
        "discountCode": next((each.text("code") for each in said.all("discount_codes")), None),
        "lineItems": connection(list(lines.values())),
        "shippingLines": connection([]),
        "refunds": lambda first=None: refunds[:first],
    }


class _Said:
    """One JSON object of the document, read by name."""

    def __init__(self, document: Document) -> None:
        self._document = document

    def get(self, name: str) -> object:
        return self._document.get(name)

    def text(self, name: str) -> str:
        return str(self._document[name])

    def number(self, name: str) -> int:
        return int(str(self._document[name]))

    def money(self, name: str) -> Decimal:
        return Decimal(str(self._document[name]))

    def at(self, name: str) -> str | None:
        """An instant in UTC, as the GraphQL API writes it."""
        value = self._document.get(name)
        if value is None:
            return None
        instant = datetime.fromisoformat(str(value)).astimezone(UTC)
        return instant.isoformat(timespec="seconds").replace("+00:00", "Z")

    def one(self, name: str) -> "_Said | None":
        value = self._document.get(name)
        return _Said(value) if isinstance(value, dict) else None

    def all(self, name: str) -> "list[_Said]":
        value = self._document.get(name)
        return (
            [_Said(each) for each in value if isinstance(each, dict)]
            if isinstance(value, list)
            else []
        )


def _head(said: _Said) -> Node:
    status = said.text("financial_status").upper()
    reason = said.get("cancel_reason")
    return {
        "id": said.text("admin_graphql_api_id"),
        "legacyResourceId": said.text("id"),
        "name": said.text("name"),
        "number": said.number("order_number"),
        "app": {"id": f"gid://shopify/App/{said.text('app_id')}", "name": "Point of Sale"},
        "cancelReason": str(reason).upper() if reason else None,
        "cancelledAt": said.at("cancelled_at"),
        "closedAt": said.at("closed_at"),
        "confirmed": said.get("confirmed"),
        "createdAt": said.at("created_at"),
        "processedAt": said.at("processed_at"),
        "updatedAt": said.at("updated_at"),
        "currencyCode": said.get("currency"),
        "presentmentCurrencyCode": said.get("presentment_currency"),
        "customer": _customer(said.one("customer")),
        "displayFinancialStatus": status,
        "displayFulfillmentStatus": said.text("fulfillment_status").upper(),
        "email": said.get("email"),
        "phone": said.get("phone"),
        "fullyPaid": status not in {"PENDING", "VOIDED"},
        "note": said.get("note"),
        "retailLocation": _place(said.number("location_id")),
        "sourceName": said.get("source_name"),
        "staffMember": _staff(said.number("user_id")),
        "tags": [],
        "taxesIncluded": said.get("taxes_included"),
        "test": said.get("test"),
    }


def _totals(said: _Said) -> Node:
    names = {
        "subtotalPriceSet": "subtotal_price",
        "totalDiscountsSet": "total_discounts",
        "totalOutstandingSet": "total_outstanding",
        "totalPriceSet": "total_price",
        "totalTaxSet": "total_tax",
        "totalTipReceivedSet": "total_tip_received",
        "currentSubtotalPriceSet": "current_subtotal_price",
        "currentTotalDiscountsSet": "current_total_discounts",
        "currentTotalPriceSet": "current_total_price",
        "currentTotalTaxSet": "current_total_tax",
    }
    bags = {field: _bag(said.money(name)) for field, name in names.items()}
    received = said.money("total_price") - said.money("total_outstanding")
    return {**bags, "totalReceivedSet": _bag(received), "totalShippingPriceSet": _bag(Decimal(0))}


def _application(said: _Said, index: int) -> Node:
    return {
        "__typename": _TYPES[said.text("type")],
        "index": index,
        "allocationMethod": said.text("allocation_method").upper(),
        "targetSelection": said.text("target_selection").upper(),
        "targetType": said.text("target_type").upper(),
        "value": {"__typename": "MoneyV2"} | _money(said.money("value")),
        "code": said.get("code"),
        "title": said.get("title"),
        "description": said.get("description"),
    }


def _line(said: _Said, applications: Sequence[Node]) -> Node:
    unit, quantity = said.money("price"), said.number("quantity")
    allocations = said.all("discount_allocations")
    taken = sum((each.money("amount") for each in allocations), Decimal(0))
    return {
        "id": f"gid://shopify/LineItem/{said.text('id')}",
        "currentQuantity": said.get("current_quantity"),
        "refundableQuantity": said.get("current_quantity"),
        "quantity": quantity,
        "discountAllocations": [_allocation(each, applications) for each in allocations],
        "originalUnitPriceSet": _bag(unit),
        "originalTotalSet": _bag(unit * quantity),
        "discountedTotalSet": _bag(unit * quantity),
        "discountedUnitPriceSet": _bag(unit),
        "totalDiscountSet": _bag(taken),
        "isGiftCard": False,
        "requiresShipping": False,
        "name": said.get("title"),
        "title": said.get("title"),
        "sku": said.get("sku"),
        "taxable": said.get("taxable"),
        "taxLines": lambda **_: [],
    }


def _allocation(said: _Said, applications: Sequence[Node]) -> Node:
    return {
        "allocatedAmountSet": _bag(said.money("amount")),
        "discountApplication": applications[said.number("discount_application_index")],
    }


def _refund(said: _Said, lines: Mapping[str, Node], of: _Said) -> Node:
    items = [_refunded_line(each, lines) for each in said.all("refund_line_items")]
    transactions = [_transaction(each) for each in said.all("transactions")]
    return {
        "id": said.text("admin_graphql_api_id"),
        "legacyResourceId": said.text("id"),
        "createdAt": said.at("created_at"),
        "updatedAt": said.at("created_at"),
        "processedAt": said.at("processed_at"),
        "note": said.get("note"),
        "order": {"id": of.text("admin_graphql_api_id")},
        "duties": [],
        "orderAdjustments": connection([]),
        "refundLineItems": connection(items),
        "refundShippingLines": connection([]),
        "staffMember": _staff(said.number("user_id")),
        "totalRefundedSet": _bag(_refunded(said)),
        "transactions": connection(transactions),
    }


def _refunded_line(said: _Said, lines: Mapping[str, Node]) -> Node:
    return {
        "id": f"gid://shopify/RefundLineItem/{said.text('id')}",
        "lineItem": lines[said.text("line_item_id")],
        "location": _place(said.number("location_id")),
        "quantity": said.get("quantity"),
        "restockType": said.text("restock_type").upper(),
        "restocked": True,
        "priceSet": _bag(said.money("subtotal")),
        "subtotalSet": _bag(said.money("subtotal")),
        "totalTaxSet": _bag(said.money("total_tax")),
    }


def _transaction(said: _Said) -> Node:
    return {
        "id": f"gid://shopify/OrderTransaction/{said.text('id')}",
        "amountSet": _bag(said.money("amount")),
        "createdAt": said.at("processed_at"),
        "processedAt": said.at("processed_at"),
        "gateway": said.get("gateway"),
        "kind": said.text("kind").upper(),
        "status": said.text("status").upper(),
        "test": False,
    }


def _refunded(said: _Said) -> Decimal:
    return sum((each.money("amount") for each in said.all("transactions")), Decimal(0))


def _customer(said: _Said | None) -> Node | None:
    if said is None:
        return None
    return {
        "id": f"gid://shopify/Customer/{said.text('id')}",
        "legacyResourceId": said.text("id"),
        "email": said.get("email"),
        "firstName": said.get("first_name"),
        "lastName": said.get("last_name"),
        "displayName": f"{said.get('first_name')} {said.get('last_name')}",
    }


def _place(location_id: int) -> Node:
    gid = f"gid://shopify/Location/{location_id}"
    return {"id": gid, "legacyResourceId": str(location_id), "name": f"Location {location_id}"}


def _staff(user_id: int) -> Node:
    return {"id": f"gid://shopify/StaffMember/{user_id}", "name": "Cashier"}


def _bag(amount: Decimal) -> Node:
    return {"shopMoney": _money(amount), "presentmentMoney": _money(amount)}


def _money(amount: Decimal) -> Node:
    # The API's Decimal drops trailing zeros but keeps one digit: 5.0, 12.34.
    text = f"{amount.normalize():f}"
    return {"amount": text if "." in text else f"{text}.0", "currencyCode": CURRENCY}
