"""Do the stand-ins list the codes that their orders bear, in the words that the census reads?"""

from collections.abc import Callable
from dataclasses import replace
from urllib.parse import parse_qsl, urlsplit

import pytest

from functions.sources.shopify import codes as shopify
from functions.sources.square import codes as square
from functions.sources.toast import codes as toast
from functions.sources.woocommerce import codes as woocommerce
from local.dealing import NORTH, SHOPIFY, SQUARE, TOAST, Shop
from local.till import Discount, Sale
from local.vendors.exchange import Desk
from local.vendors.exchange import Request as Asked
from local.vendors.shopify import Admin
from local.vendors.square import Merchant
from local.vendors.toast import Group
from local.vendors.woocommerce import Site
from local.world import World
from tests.local_data.test_vendors import sales_of, throttled
from vouchsafe.pure.census_lists import Objects, Source, read_objects
from vouchsafe.pure.codes import canonical
from vouchsafe.pure.connection import Connection
from vouchsafe.pure.pull import Request, Response, Send

CODES = ("SPRING-10", "Autumn 5")


def _admin(sales: list[Sale]) -> Admin:
    made = Admin(SHOPIFY, sales)
    for code in CODES:
        made.discounts.offer(code)
    return made


def _site(sales: list[Sale]) -> Site:
    made = Site(NORTH, sales)
    for code in CODES:
        made.offer(code)
    return made


def _merchant(sales: list[Sale]) -> Merchant:
    made = Merchant(SQUARE, sales)
    for code in CODES:
        made.offer(f"D-{code}", code)
    return made


def _group(sales: list[Sale]) -> Group:
    """Its discounts have the codes that its orders bear."""
    first = replace(sales[0], discounts=(Discount("partner", CODES[0], ()),))
    return Group(TOAST, [first, replace(first, discounts=(Discount("partner", CODES[1], ()),))])


VENDORS = (
    (SHOPIFY, _admin, shopify.list_codes),
    (NORTH, _site, woocommerce.list_codes),
    (SQUARE, _merchant, square.list_codes),
    (TOAST, _group, toast.list_codes),
)


def _sender(desk: Desk) -> Send:
    def send(request: Request) -> Response:
        parts = urlsplit(request.url)
        headers = {name.lower(): text for name, text in request.headers.items()}
        asked = Asked(
            request.method, parts.path, dict(parse_qsl(parts.query)), headers, request.body or b""
        )
        answer = desk.answer(asked)
        if throttled(answer):
            return send(request)
        assert answer.status == 200
        named = {name.lower(): text for name, text in answer.headers.items()}
        return Response(status=200, headers=named, body=answer.body)

    return send


@pytest.mark.parametrize(("shop", "made", "list_codes"), VENDORS)
def test_every_code_that_a_vendor_offers_is_listed(
    window: World,
    shop: Shop,
    made: Callable[[list[Sale]], Desk],
    list_codes: Callable[[Send, Connection, str | None], Objects],
) -> None:
    connection = Connection(
        platform=shop.platform,
        account=shop.account,
        shop=shop.shop,
        api_url="https://vendor",
        api_key=shop.api_key,
        api_secret="" if shop == SHOPIFY else shop.api_secret,
        access_token=f"token-{shop.api_secret[:8]}",
    )
    send = _sender(made(sales_of(window, shop)))

    page = list_codes(send, connection, None)

    found = read_objects(Source(system=shop.platform, account=shop.account), page.objects)
    shown = {canonical(each.code or each.name) for each in found.listings}
    assert shown == set(map(canonical, CODES))
    assert (found.refused, page.cursor) == ((), None)
