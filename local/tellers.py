"""The marketing systems' part in the replay: who tells of contacts, and how it is proved.

They ring up nothing, so that no store is dealt to them: tools that post clicks and visits,
Marketing Cloud with its data extensions and callback, and an organisation with Loyalty Management.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from local.contacts import Contact, told_by
from local.dealing import SALESFORCE, SALESFORCE_LOYALTY, TOUCHPOINTS, Shop
from local.payloads import salesforce, touchpoints
from local.payloads.message import Headers, Message
from local.vendors.salesforce import Cloud, Organisation

# Those that are asked; nobody can ask a tool that posts.
ACCOUNTS = (SALESFORCE, SALESFORCE_LOYALTY)


@dataclass(frozen=True, slots=True, kw_only=True)
class Teller:
    """How a system proves what it sends: some sign the time, so that headers are made on sending.

    The fields are those of a platform's part in the replay.
    """

    headers: Callable[[Message, datetime], Headers]
    proof: frozenset[str]
    signs_body: bool = True
    tries: int = 5


TELLERS: Mapping[str, Teller] = {
    "touchpoints": Teller(headers=touchpoints.headers, proof=frozenset({"x-vouchsafe-signature"})),
    "salesforce": Teller(
        headers=lambda message, _: salesforce.headers(message),
        proof=frozenset({"x-sfmc-ens-signature"}),
    ),
}


def desks(contacts: Sequence[Contact]) -> dict[str, Cloud | Organisation]:
    """The stand-ins of what is asked, by the prefix of their address."""
    return {
        prefix(SALESFORCE): Cloud(SALESFORCE, told_by(contacts, "cloud")),
        prefix(SALESFORCE_LOYALTY): Organisation(SALESFORCE_LOYALTY, told_by(contacts, "loyalty")),
    }


def connections(vendors: str, calls_a_second: str) -> dict[str, Mapping[str, object]]:
    """The secrets by name, as the pages of docs/setup tell a user to write them."""
    asked = (
        (SALESFORCE, salesforce.cloud_options),
        (SALESFORCE_LOYALTY, salesforce.loyalty_options),
    )
    found: dict[str, Mapping[str, object]] = {
        f"touchpoints/{TOUCHPOINTS.account}": {"signing_keys": [*TOUCHPOINTS.signing_keys]}
    }
    for shop, options in asked:
        api = f"{vendors}{prefix(shop)}"
        told = {**options(api), "calls_a_second": calls_a_second}
        found[f"salesforce/{shop.account}"] = connection(shop, api, told)
    return found


def prefix(shop: Shop) -> str:
    """Where the stand-ins' server has an account's API."""
    return f"/{shop.platform}/{shop.account}"


def connection(shop: Shop, api: str, options: Mapping[str, str]) -> Mapping[str, object]:
    """The secret of one that is asked."""
    return {
        "signing_keys": [*shop.signing_keys],
        "shop": shop.shop,
        "api_url": api,
        "api_key": shop.api_key,
        "api_secret": shop.api_secret,
        "options": options,
    }
