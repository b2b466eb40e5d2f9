"""Each platform's part in the replay: what it sends, how it proves it, and who answers for its API.

A platform that never calls sends nothing and is swept; how it calls a code is told to the register.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from local.dealing import CURRENCY, ZONE, Shop
from local.injections import drawn
from local.payloads import (
    clover,
    clover_bill,
    lightspeed,
    lightspeed_retail,
    micros,
    revel,
    sap_business_one,
    shopify,
    square,
    toast,
    upserve,
    vend,
    woocommerce,
)
from local.payloads.message import Headers, Message
from local.till import Sale
from local.vendors.clover import Merchant as CloverMerchant
from local.vendors.exchange import Desk
from local.vendors.lightspeed import Business
from local.vendors.lightspeed_retail import Register
from local.vendors.micros import USERNAME, Organisation
from local.vendors.revel import Instance
from local.vendors.sap_business_one import Company
from local.vendors.shopify import Admin
from local.vendors.square import Merchant
from local.vendors.toast import Group
from local.vendors.upserve import Venue
from local.vendors.vend import Store
from local.vendors.woocommerce import Site

# One delivery in so many still has the key before the rotation.
OLD_KEY_ONE_IN = 10


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """One platform's part.

    `headers` takes a message and the address that it goes to. `proof` names the headers, in lower
    case, that prove a delivery; `signs_body` is False where they prove the sender alone.
    `tells_all` is False where the list of its API says more than that: of what is called off, or of
    people. `tries` is how often it sends what was not taken. `aliases` gives the register's alias
    of a code, where the platform does not carry the code itself. `options` are those of the
    connection's secret, by the address of the stand-in and the account's locations. `greeting` is
    what it sends when a webhook is made. `password_of`: the signing key is that user's password.
    """

    desk: Callable[[Shop, list[Sale]], Desk]
    messages: Callable[[Sale], Iterator[Message]] = lambda _: iter(())
    headers: Callable[[Message, str], Headers] = lambda *_: {}
    proof: frozenset[str] = frozenset()
    signs_body: bool = True
    tells_all: bool = True
    tries: int = 1
    alias: Callable[[str], str | None] = lambda _: None
    options: Callable[[str, Sequence[str]], Mapping[str, str]] = lambda *_: {}
    greeting: Callable[[Shop, Sale], Iterable[Message]] = lambda *_: ()
    password_of: str = ""

    @property
    def calls(self) -> bool:
        """Whether it ever calls; the others are only asked."""
        return bool(self.proof)

    @property
    def shows_webhooks(self) -> bool:
        """Whether its API shows which webhooks there are."""
        return hasattr(self.desk, "subscribe")

    def signing_keys(self, shop: Shop) -> list[str]:
        """As the connection's secret holds them."""
        user = f"{self.password_of}:" if self.password_of else ""
        return [f"{user}{key}" for key in shop.signing_keys]


def _shopify_headers(message: Message, _url: str) -> Headers:
    old = drawn(message.number, "old key", OLD_KEY_ONE_IN)
    return shopify.headers(message, previous=old)


def _square_alias(code: str) -> str | None:
    """What a till writes into a discount's metadata is the code itself, and needs no alias."""
    naming = square.naming(code)
    if naming == "metadata":
        return None
    if naming == "name":
        return f"name:{square.discount_name(code).casefold()}"
    return f"catalog:{square.catalog_id(code)}"


PARTS: Mapping[str, Part] = {
    "shopify": Part(
        desk=Admin,
        messages=shopify.messages,
        headers=_shopify_headers,
        proof=frozenset({"x-shopify-hmac-sha256"}),
        tries=5,
    ),
    "square": Part(
        desk=Merchant,
        messages=square.messages,
        headers=square.headers,
        proof=frozenset({"x-square-hmacsha256-signature"}),
        tries=5,
        alias=_square_alias,
    ),
    "lightspeed": Part(
        desk=Business,
        messages=lightspeed.messages,
        headers=lambda message, _: lightspeed.headers(message),
        proof=frozenset({"authorization"}),
        signs_body=False,
        tells_all=False,
        options=lambda _, locations: {
            "refresh_token": "of the first consent",
            "locations": ",".join(locations),
        },
        password_of=lightspeed.USER,
    ),
    "lightspeed_retail": Part(
        desk=Register,
        alias=lightspeed_retail.alias,
        options=lambda api, _: {
            "currency": CURRENCY,
            "login_url": f"{api}/auth/oauth/token",
            "refresh_token": "of the first consent",
        },
    ),
    # Simphony sends once, whatever the answer.
    "micros": Part(
        desk=Organisation,
        messages=micros.messages,
        headers=lambda message, _: micros.headers(message),
        proof=frozenset({"digest"}),
        alias=micros.alias,
        options=lambda api, _: {**micros.OPTIONS, "username": USERNAME, "login_url": api},
    ),
    "clover": Part(
        desk=CloverMerchant,
        messages=clover.messages,
        headers=lambda message, _: clover.headers(message),
        proof=frozenset({"x-clover-auth"}),
        signs_body=False,
        tries=5,
        alias=clover_bill.alias,
        options=lambda *_: {"merchant": clover.MERCHANT},
        greeting=clover.greeting,
    ),
    "revel": Part(
        desk=Instance,
        messages=revel.messages,
        headers=lambda message, _: revel.headers(message),
        proof=frozenset({"x-revel-signature"}),
        tells_all=False,
        tries=5,
        alias=revel.alias,
        options=lambda *_: {"currency": CURRENCY, "zone": ZONE},
    ),
    "sap_business_one": Part(
        desk=Company,
        alias=sap_business_one.alias,
        options=lambda *_: sap_business_one.OPTIONS,
    ),
    # The time that is signed is the data set's.
    "toast": Part(
        desk=Group,
        messages=toast.messages,
        headers=lambda message, _: toast.headers(message),
        proof=frozenset({"toast-signature"}),
        tries=3,
        options=lambda _, locations: {
            "currency": CURRENCY,
            "restaurants": ",".join(locations),
            "stale_after_hours": "1000000",
        },
    ),
    "upserve": Part(desk=Venue, alias=upserve.alias, options=lambda *_: upserve.OPTIONS),
    "vend": Part(
        desk=Store,
        messages=vend.messages,
        headers=lambda message, _: vend.headers(message),
        proof=frozenset({"x-signature"}),
        tries=5,
        options=lambda *_: {"currency": CURRENCY},
    ),
    # WooCommerce never sends again what was not taken, and pings when a webhook is made.
    "woocommerce": Part(
        desk=Site,
        messages=woocommerce.messages,
        headers=lambda message, _: woocommerce.headers(message),
        proof=frozenset({"x-wc-webhook-signature"}),
        greeting=lambda shop, sale: [woocommerce.ping(shop, sale.placed_at)],
    ),
}
