"""Is it really the shop, and does its unsigned greeting open nothing?"""

from dataclasses import replace

import pytest

from functions.sources.woocommerce.verify import SIGNATURE, SITE, verify
from tests.sources.events import NOW
from tests.sources.test_woocommerce import SHOP, sign
from vouchsafe.pure.errors import Forged
from vouchsafe.pure.hearing import Delivery

# The vectors of the vendor's sheet, computed with Python's hmac.
BODY = (
    b'{"id":727,"status":"completed","currency":"USD","date_modified_gmt":"2026-11-20T15:04:05",'
    b'"total":"27.00","coupon_lines":[{"id":93,"code":"welcome10","discount":"3.00",'
    b'"discount_tax":"0.00"}]}'
)
PLAIN = ("wc_whsec_test_001", "b3t5Tegy0zSwipWE0QBA8npdOCR1TG2vlQVv5srJPsc=")
TYPED = ('wc_whsec_"A&B"_001', "QUn1xEvhUjCcWzWfeRlSHSd/uWhYgg9ocpcRjcNDpYg=")
ESCAPED = ("wc_whsec_&quot;A&amp;B&quot;_001", "tAoGhZArTdTZ7MiyHALqhVIHXkSk5vmKXSvWpk6UESg=")
FORM = "application/x-www-form-urlencoded"


def delivery(body: bytes = BODY, /, **headers: str) -> Delivery:
    said = {name.replace("_", "-"): value for name, value in headers.items()}
    return Delivery(
        platform="woocommerce",
        account="tea-shop",
        headers={"content-type": "application/json", SITE: "https://shop.example.com/"} | said,
        body=body,
        received_at=NOW,
    )


def verdict(sent: Delivery, *keys: str, shop: str = SHOP.shop) -> str:
    return verify(sent, replace(SHOP, signing_keys=keys, shop=shop), NOW)


@pytest.mark.parametrize(("key", "signature"), [PLAIN, TYPED])
def test_the_vendors_vectors_fit(key: str, signature: str) -> None:
    assert len(BODY) == 192
    assert verdict(delivery(**{SIGNATURE: signature}), key) == "genuine"


def test_a_secret_copied_in_its_escaped_form_is_the_secret_as_typed() -> None:
    assert verdict(delivery(**{SIGNATURE: TYPED[1]}), ESCAPED[0]) == "genuine"


@pytest.mark.parametrize("key", [TYPED[0], ESCAPED[0]])
def test_a_signature_under_the_escaped_form_is_forged(key: str) -> None:
    with pytest.raises(Forged):
        verdict(delivery(**{SIGNATURE: ESCAPED[1]}), key)


@pytest.mark.parametrize(
    ("stored", "typed"),
    [
        ("&#039;&#39;&#x27;", "'''"),
        ("&#034;&#x22;&quot;", '"""'),
        ("&lt;&#060;&gt;&#062;&#038;&#x26;", "<<>>&&"),
        ("&amp;lt;", "&lt;"),
        ("&copy;&#169;&amp", "&copy;&#169;&amp"),
    ],
)
def test_entities_are_decoded_once_and_only_those_that_wordpress_knows(
    stored: str, typed: str
) -> None:
    signature = sign(BODY, SHOP, typed, NOW)

    assert verdict(delivery(**signature), stored) == "genuine"


@pytest.mark.parametrize("kind", [FORM, f"{FORM}; charset=UTF-8"])
def test_the_unsigned_greeting_is_a_greeting(kind: str) -> None:
    ping = Delivery(
        platform="woocommerce",
        account="tea-shop",
        headers={"content-type": kind},
        body=b"webhook_id=5",
        received_at=NOW,
    )

    assert verdict(ping, PLAIN[0]) == "greeting"


@pytest.mark.parametrize(
    "body",
    [b"", b"webhook_id=", b"webhook_id=5&x=1", b"webhook_id=5\n", b"x=webhook_id=5", BODY],
)
def test_anything_else_unsigned_is_forged(body: bytes) -> None:
    with pytest.raises(Forged):
        verdict(delivery(body, content_type=FORM), PLAIN[0])


def test_a_greeting_in_another_dress_is_forged() -> None:
    for headers in ({"content_type": "application/json"}, {"content_type": FORM, SIGNATURE: "x"}):
        with pytest.raises(Forged):
            verdict(delivery(b"webhook_id=5", **headers), PLAIN[0])


def test_a_greeting_at_a_closed_door_is_forged() -> None:
    for keys in ((), ("",)):
        with pytest.raises(Forged):
            verdict(delivery(b"webhook_id=5", content_type=FORM), *keys)


@pytest.mark.parametrize(
    ("source", "shop"),
    [
        ("https://shop.example.com/", "shop.example.com"),
        ("https://SHOP.example.com", "https://shop.example.com/"),
        ("http://shop.example.com/", "HTTPS://Shop.example.com"),
        ("https://example.com/tea/", "https://example.com/tea"),
    ],
)
def test_a_site_is_its_host_and_path(source: str, shop: str) -> None:
    sent = delivery(**{SIGNATURE: PLAIN[1], SITE: source})

    assert verdict(sent, PLAIN[0], shop=shop) == "genuine"


@pytest.mark.parametrize(
    ("source", "shop"),
    [
        ("https://example.com/tea/", "https://example.com/coffee"),
        ("https://example.com/tea/", "https://example.com/Tea"),
        ("https://example.com/tea/", "https://example.com"),
        ("https://shop.example.com.evil.example/", "https://shop.example.com"),
        ("", "https://shop.example.com"),
        ("", ""),
    ],
)
def test_another_site_is_forged(source: str, shop: str) -> None:
    with pytest.raises(Forged):
        verdict(delivery(**{SIGNATURE: PLAIN[1], SITE: source}), PLAIN[0], shop=shop)
