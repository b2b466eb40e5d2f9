"""What Shopify lists of discounts that have codes: every code, with what its discount gives.

https://shopify.dev/docs/api/admin-graphql/2026-04/queries/codeDiscountNodes, read 2026-11-21.
"""

from collections.abc import Iterator
from decimal import Decimal
from typing import Any

from vouchsafe.pure.census_lists import Objects
from vouchsafe.pure.connection import Connection
from vouchsafe.pure.pull import Send

from .graph import ask
from .query import PAGE

Json = dict[str, Any]

_DISCOUNTS_A_PAGE = 10
_CODES_A_PAGE = 50
_MOST_CODES_A_PAGE = 250
_CODES = f"""codes(first: $many, after: $after_code) {{
      nodes {{ code asyncUsageCount }}
      {PAGE}
    }}"""
_COMMON = f"title status startsAt endsAt usageLimit {_CODES}"
_DISCOUNT = f"""
fragment Told on DiscountCodeNode {{
  id
  codeDiscount {{
    type: __typename
    ... on DiscountCodeBasic {{
      {_COMMON}
      customerGets {{
        value {{
          ... on DiscountPercentage {{ percentage }}
          ... on DiscountAmount {{ amount {{ amount currencyCode }} }}
        }}
      }}
    }}
    ... on DiscountCodeBxgy {{ {_COMMON} }}
    ... on DiscountCodeFreeShipping {{ {_COMMON} }}
    ... on DiscountCodeApp {{ {_COMMON} }}
  }}
}}"""
LIST = f"""
query Codes($first: Int!, $after: String, $many: Int!, $after_code: String) {{
  codeDiscountNodes(first: $first, after: $after) {{ nodes {{ ...Told }} {PAGE} }}
}}
{_DISCOUNT}"""
ONE = f"""
query Code($id: ID!, $many: Int!, $after_code: String) {{
  codeDiscountNode(id: $id) {{ ...Told }}
}}
{_DISCOUNT}"""
_KINDS = {"DiscountCodeBxgy": "free_item", "DiscountCodeFreeShipping": "free_shipping"}


def list_codes(send: Send, connection: Connection, cursor: str | None) -> Objects:
    """A page of the shop's discounts, each with all its codes: one may have thousands."""
    asked = {"first": _DISCOUNTS_A_PAGE, "after": cursor, "many": _CODES_A_PAGE}
    told: Json = ask(send, connection, LIST, asked)
    objects = (one for node in told["nodes"] for one in _codes(send, connection, node))
    more = told["page_info"]
    return Objects(
        objects=tuple(objects), cursor=more["end_cursor"] if more["has_next_page"] else None
    )


def _codes(send: Send, connection: Connection, node: Json | None) -> Iterator[Json]:
    """A discount's codes, page by page."""
    while node:
        said = node["codeDiscount"]
        for each in said["codes"]["nodes"]:
            yield _told(node["id"], said, each)
        more = said["codes"]["page_info"]
        if not more["has_next_page"]:
            return
        asked = {"id": node["id"], "many": _MOST_CODES_A_PAGE, "after_code": more["end_cursor"]}
        node = ask(send, connection, ONE, asked)


def _told(discount_id: str, said: Json, code: Json) -> Json:
    value = (said.get("customerGets") or {}).get("value") or {}
    amount = value.get("amount") or {}
    percentage = value.get("percentage")
    told: Json = {
        "id": discount_id.rpartition("/")[2],
        "code": code["code"],
        "title": said["title"],
        "status": said["status"],
        "starts_at": said["startsAt"],
        "ends_at": said["endsAt"],
        "usage_limit": said["usageLimit"],
        "usage_count": code["asyncUsageCount"],
        "kind": _KINDS.get(said["type"], "other"),
    }
    if percentage is not None:
        exact = Decimal(str(percentage)) * 100
        return told | {"kind": "percent", "value": f"{exact.normalize():f}"}
    if amount:
        value = {"value": amount["amount"], "currency": amount["currencyCode"]}
        return told | {"kind": "amount", **value}
    return told
