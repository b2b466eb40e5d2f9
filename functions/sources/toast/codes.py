"""What Toast's restaurants have configured: discounts, and the promo codes that call for them.

Source: doc.toasttab.com, configuration API, Discount and PromoCode, read 2026-11-21.
"""

import json
from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import urlencode

from vouchsafe.pure.census_lists import Objects
from vouchsafe.pure.connection import Connection
from vouchsafe.pure.errors import Unavailable
from vouchsafe.pure.pull import Request, Send

from .api import headers
from .verify import restaurants

_NEXT = "toast-next-page-token"


def list_codes(send: Send, connection: Connection, cursor: str | None) -> Objects:
    """A page of one restaurant's discounts; the cursor says which restaurant and page is next.

    A discount with promo codes is listed by each of them, any other by its id and name.
    """
    places = sorted(restaurants(connection))
    at, _, token = (cursor or "0:").partition(":")
    if int(at) >= len(places):
        return Objects(objects=())
    answer = send(_asked(connection, places[int(at)], token))
    try:
        found = json.loads(answer.body, parse_float=str)
    except (ValueError, RecursionError) as error:
        raise Unavailable("the vendor did not answer with JSON") from error
    if not isinstance(found, list):
        raise Unavailable("the vendor did not answer with discounts")
    objects = tuple(one for each in found if isinstance(each, dict) for one in _told(each))
    following = answer.headers.get(_NEXT, "")
    if following:
        return Objects(objects=objects, cursor=f"{at}:{following}")
    more = int(at) + 1 < len(places)
    return Objects(objects=objects, cursor=f"{int(at) + 1}:" if more else None)


def _asked(connection: Connection, restaurant: str, token: str) -> Request:
    query = f"?{urlencode({'pageToken': token})}" if token else ""
    url = f"{connection.api_url.rstrip('/')}/config/v2/discounts{query}"
    return Request(method="GET", url=url, headers=headers(connection, restaurant))


def _told(discount: Mapping[str, Any]) -> Iterator[dict[str, object]]:
    percentage, amount = discount.get("percentage"), discount.get("amount")
    said = {
        "id": discount.get("guid"),
        "name": discount.get("name"),
        "kind": discount.get("type"),
        "value": percentage if percentage is not None else amount,
        "active": discount.get("active", True),
    }
    codes = [each for each in discount.get("promoCodes") or () if isinstance(each, dict)]
    for each in codes:
        yield {**said, "code": each.get("code"), "name": each.get("name") or discount.get("name")}
    if not codes:
        yield said
