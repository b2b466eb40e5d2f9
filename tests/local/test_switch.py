"""Does a pause by a person reach a connected shop through the deployed stack, and its undoing?"""

from collections.abc import Iterator

import pytest

from local.aws import LocalAws
from local.dealing import SHOPIFY
from local.vendors.server import serving
from local.vendors.shopify import Admin
from tests.local.conftest import Call, Person, soon
from tests.local.test_limits_hold import load

pytestmark = pytest.mark.local

PROMOTION, CODE = "SWITCH2120-10", "SWITCH-ME"
FAR = "2126-12-31T00:00:00Z"
# A hundred years from now: no advice to anybody else's campaign speaks of this one.
WINDOW = {"starts_on": "2120-01-01", "ends_on": "2120-12-31"}
WHY = {"owner": "eva", "purpose": "to be switched off and on"}
ROWS = {
    "accounts": {
        "platform": SHOPIFY.platform,
        "account": SHOPIFY.account,
        "currency": "USD",
        "zone": "UTC",
    },
    "campaigns": {
        "campaign_id": "SWITCH2120",
        "name": "Switch",
        **WHY,
        **WINDOW,
        "utm_source": "newsletter",
        "utm_medium": "email",
    },
    "promotions": {
        "promotion_id": PROMOTION,
        "campaign_id": "SWITCH2120",
        **WINDOW,
        **WHY,
        "voucher_class": "discount",
        "benefit": "percent:10",
        "currency": "USD",
        "limits": "promotion/ever=10",
    },
    "codes": {"code": CODE, "promotion_id": PROMOTION},
}


@pytest.fixture(scope="module")
def shop(aws: LocalAws, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Admin]:
    """A Shopify shop on loopback that honours the code, connected by its secret."""
    admin = Admin(SHOPIFY, [])
    admin.discounts.offer(CODE, ends_at=FAR)
    load(aws, tmp_path_factory.mktemp("register"), ROWS)
    with serving({f"/{SHOPIFY.account}": admin}) as home:
        keys = {"api_key": SHOPIFY.api_key, "api_secret": SHOPIFY.api_secret}
        url = f"{home}/{SHOPIFY.account}"
        aws.put_secret(f"shopify/{SHOPIFY.account}", {"api_url": url, **keys})
        yield admin


def ends_at(shop: Admin) -> str:
    held = shop.discounts.fields()["codeDiscountNodeByCode"](code=CODE)
    return str(held["codeDiscount"]["endsAt"])


def test_a_pause_switches_the_code_off_at_the_shop_and_is_undone(
    shop: Admin, ask: Call, person: Person
) -> None:
    approver = person("switcher", "approver")
    path = f"/register/promotions/{PROMOTION}"

    ask("POST", f"{path}/pause", approver, {"why": "it leaked"}).said()

    assert soon(lambda: ends_at(shop) != FAR)
    assert soon(lambda: "off" in _found(ask, approver))

    ask("POST", f"{path}/resume", approver, {"why": "a false alarm"}).said()

    assert soon(lambda: ends_at(shop) == FAR)
    assert soon(lambda: "on" in _found(ask, approver))


def _found(ask: Call, token: str) -> set[str]:
    """What became of the switches at the shop's discount."""
    told = ask("GET", f"/register/promotions/{PROMOTION}/channels", token).said()
    return {each["state"] for each in told["found"] if each["platform"] == "shopify"}
