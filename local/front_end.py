"""The front end's part in the replay: the property that the pages of the web shops report to.

It rings up nothing, so that no store is dealt to it, and it never calls.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date

from local.dealing import GOOGLE_ANALYTICS, SHOPS, Shop
from local.payloads import google_analytics as payload
from local.tellers import connection, prefix
from local.till import Sale
from local.vendors.google_analytics import Property

PROPERTY = GOOGLE_ANALYTICS
# Both web shops report to one property, as the shops of one house often do.
REPORTING = tuple(shop for shop in SHOPS if shop.platform == "woocommerce")


@dataclass(frozen=True, slots=True)
class Told:
    """One purchase that was reported, or one code that a checkout took, as the browser told it."""

    kind: str
    transaction_id: str
    day: date
    codes: tuple[str, ...]
    cents: int


def of(shop: Shop) -> str:
    """What the register calls a shop's front end; empty for a shop without pages."""
    return f"{PROPERTY.platform}/{PROPERTY.account}" if shop in REPORTING else ""


def desks(sales: Iterable[Sale]) -> dict[str, Property]:
    """The property's stand-in, by the prefix of its address."""
    return {prefix(PROPERTY): Property(PROPERTY, sales)}


def connections(vendors: str, calls_a_second: str) -> dict[str, Mapping[str, object]]:
    """The property's secret by name, as docs/setup tells a user to write it."""
    api = f"{vendors}{prefix(PROPERTY)}"
    told = {**payload.options(api), "calls_a_second": calls_a_second}
    return {f"{PROPERTY.platform}/{PROPERTY.account}": connection(PROPERTY, api, told)}


def order_ids(sales: Iterable[Sale]) -> Iterator[tuple[Sale, str]]:
    """The sales of the web shops, with the order's id that a page reports."""
    for sale in sales:
        if name := payload.order_id(sale):
            yield sale, name


def told(sales: Iterable[Sale]) -> Iterator[Told]:
    """All that browsers told of purchases and of codes that were taken, once for each time."""
    for sale in sales:
        for event in payload.events(sale):
            if event.name == "purchase" or event.result == "accepted":
                yield Told(event.name, event.transaction_id, event.day, event.codes, event.cents)
