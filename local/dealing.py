"""Which platform rings up which store: the stores of the data set dealt out over all platforms.

One account at each, with a location for each of its stores, and two WooCommerce shops, which have
none: each is the web shop of a district, and the store stays in the order's `meta_data`, which no
report reads.
"""

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass, field

ZONE = "America/New_York"
CURRENCY = "USD"


@dataclass(frozen=True, slots=True)
class Shop:
    """One account at a platform, with the credentials that both sides of the replay hold.

    `shop` is what the platform calls it. `signing_keys` are the current one and, where the
    platform rotates, the previous one.
    """

    platform: str
    account: str
    shop: str
    signing_keys: tuple[str, ...] = field(repr=False)
    api_key: str = field(repr=False)
    api_secret: str = field(default="", repr=False)


@dataclass(frozen=True, slots=True)
class Place:
    """Where a sale is rung: a shop, and its location where the platform has any."""

    shop: Shop
    location_id: str
    name: str

    def text(self) -> str:
        return f"{self.shop.platform}/{self.shop.account}/{self.location_id}"


def _key(purpose: str) -> str:
    """A key of this laptop, the same at each run. It opens nothing but the local stack."""
    return hashlib.sha256(f"complete journey, {purpose}".encode()).hexdigest()[:32]


SHOPIFY = Shop(
    "shopify",
    "journey-market",
    "journey-market.myshopify.com",
    (_key("shopify"), _key("shopify, before")),
    _key("shopify api"),
)
SQUARE = Shop("square", "journey-square", "MLCJMERCHANT1", (_key("square"),), _key("square api"))
# A secret with an ampersand and quotes: WooCommerce signs with what the owner typed.
NORTH = Shop(
    "woocommerce",
    "journey-north",
    "https://north.journey.example.com",
    (f'"{_key("north")}"&<1>',),
    f"ck_{_key('north api')}",
    f"cs_{_key('north secret')}",
)
SOUTH = Shop(
    "woocommerce",
    "journey-south",
    "https://south.journey.example.com",
    (_key("south"),),
    f"ck_{_key('south api')}",
    f"cs_{_key('south secret')}",
)
TOAST = Shop(
    "toast",
    "journey-toast",
    "c0ffee00-0000-4000-8000-00000000c0de",
    (_key("toast"),),
    "journey-client",
    _key("toast api"),
)
CLOVER = Shop("clover", "journey-clover", "CJAPP00000001", (_key("clover"),), _key("clover api"))
LIGHTSPEED = Shop(
    "lightspeed", "journey-lightspeed", "3730001", (_key("lightspeed"),), _key("lightspeed api")
)
VEND = Shop("vend", "journey-vend", "journeyvend", (_key("vend"),), _key("vend api"))
REVEL = Shop(
    "revel", "journey-revel", "journey", (_key("revel"),), _key("revel api"), _key("revel secret")
)
MICROS = Shop(
    "micros", "journey-micros", "CJORG", (_key("micros"),), "journey-client", _key("micros api")
)
LIGHTSPEED_RETAIL = Shop(
    "lightspeed_retail", "journey-retail", "7300001", (), "journey-client", _key("retail api")
)
UPSERVE = Shop("upserve", "journey-upserve", "CJSITE", (), _key("upserve api"), _key("upserve"))
SAP_BUSINESS_ONE = Shop(
    "sap_business_one", "journey-sap", "CJCOMPANY", (), "manager", _key("sap api")
)
SALESFORCE = Shop(
    "salesforce", "journey-crm", "7312345", (_key("salesforce"),), "client", _key("salesforce api")
)
SALESFORCE_LOYALTY = Shop(
    "salesforce", "journey-loyalty", "", (), "client", _key("salesforce loyalty")
)
# The tools that post contacts, all of one account; its name is the site whose pages may post too.
TOUCHPOINTS = Shop(
    "touchpoints", "journey-web", "https://shop.journey.example.com", (_key("touchpoints"),), ""
)
GOOGLE_ANALYTICS = Shop(
    "google_analytics", "journey-web", "properties/310000001", (), "client", _key("analytics api")
)
# In the order in which stores are dealt to them. A WooCommerce shop is the web shop of a district.
DEALT: tuple[tuple[Shop, ...], ...] = (
    (SHOPIFY,),
    (SQUARE,),
    (NORTH, SOUTH),
    (VEND,),
    (LIGHTSPEED_RETAIL,),
    (MICROS,),
    (UPSERVE,),
    (CLOVER,),
    (TOAST,),
    (LIGHTSPEED,),
    (REVEL,),
    (SAP_BUSINESS_ONE,),
)
SHOPS = tuple(shop for shops in DEALT for shop in shops)
PLATFORMS = tuple(dict.fromkeys(shop.platform for shop in SHOPS))


def place(store: int) -> Place:
    """The place of a store, the same at each run."""
    # Knuth's multiplicative hash: neighbouring stores fall on different platforms. By its bits
    # from here on, something comes back at every platform in the default window.
    mixed = store * 2654435761 >> 11
    shops = DEALT[mixed % len(DEALT)]
    shop = shops[mixed // len(DEALT) % len(shops)]
    return Place(shop, _location(shop.platform, store), f"Store {store}")


def _location(platform: str, store: int) -> str:
    """A location's id as its platform writes them; empty where it knows of none."""
    match platform:
        case "shopify":
            return str(65_000_000_000 + store)
        case "square":
            return f"LCJ{store:07d}"
        case "toast":
            return f"c0ffee00-0000-4000-8000-{store:012d}"
        case "woocommerce" | "upserve":
            return ""
        case "clover":
            # At Clover a place is a merchant, and one merchant rings for all of its stores.
            return "CJMERCHANT001"
        case "micros":
            return f"store{store}"
        case "vend":
            return f"cj-outlet-{store}"
        case _:
            return str(100_000 + store)


def locations(shop: Shop, stores: Iterable[int]) -> list[str]:
    """The locations of those stores that are dealt to a shop, in order."""
    found = (place(store) for store in stores)
    return sorted({each.location_id for each in found if each.shop == shop})


def places(stores: Iterable[int]) -> list[Place]:
    """The places of the stores, once each, in order; shops without locations once."""
    found = {place(store).text(): place(store) for store in stores}
    return [found[text] for text in sorted(found)]
