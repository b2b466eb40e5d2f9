"""The shop's coupons, as its REST API lists them.

Source: woocommerce-rest-api-docs, wp-api-v3, coupons, read 2026-11-21.
"""

from vouchsafe.pure.census_lists import Objects
from vouchsafe.pure.connection import Connection
from vouchsafe.pure.pull import Send

from .calls import get, listed, page_count

_A_PAGE = 100


def list_codes(send: Send, connection: Connection, cursor: str | None) -> Objects:
    """A page of the shop's coupons, by id, so that one that is saved meanwhile stays in its place.

    Whom a coupon was given to and who has used it stay outside.
    """
    page = int(cursor or 1)
    asked = {"page": str(page), "per_page": str(_A_PAGE), "orderby": "id", "order": "asc"}
    answer = send(get(connection, "coupons", asked))
    found = tuple(each for each in listed(answer) if isinstance(each, dict))
    return Objects(objects=found, cursor=str(page + 1) if page < page_count(answer) else None)
