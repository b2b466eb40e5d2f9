"""Does a page get in with its server's token only, and for its own person only?"""

import base64
import hmac
import json
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from functions.sources.touchpoints.beacon import LARGEST
from functions.sources.touchpoints.read import read
from functions.sources.touchpoints.verify import ORIGIN, SIGNATURE, verify
from tests.sources.events import IDENTIFY, NOW, Event
from tests.sources.test_touchpoints import ROOM, SHOP, sign
from vouchsafe.pure.errors import Forged, Unreadable
from vouchsafe.pure.hearing import Delivery

KEY = SHOP.signing_keys[0]
SITE = "https://tea.example.com"
CLAIMS = {
    "session": "cart-4711",
    "identity": "email:ann@example.com",
    "origin": SITE,
    "expires": int(NOW.timestamp()) + 1800,
}
VISIT = {"kind": "visit", "seen_at": "2026-11-20T17:58:03Z"}


def token(key: str = KEY, **claims: Any) -> str:
    said = {name: value for name, value in {**CLAIMS, **claims}.items() if value is not None}
    return sealed(json.dumps(said).encode(), key)


def sealed(claims: bytes, key: str = KEY) -> str:
    text = base64.urlsafe_b64encode(claims).rstrip(b"=").decode()
    mac = hmac.digest(key.encode(), f"beacon.{text}".encode(), "sha256").hex()
    return f"{text}.{mac}"


def beacon(proof: object, /, origin: str | None = SITE, **fields: Any) -> Delivery:
    headers = {"content-type": "text/plain;charset=UTF-8"}
    if origin is not None:
        headers[ORIGIN] = origin
    body = json.dumps({"token": proof, **(fields or VISIT)}).encode()
    return Delivery(
        platform="touchpoints", account="tea-shop", headers=headers, body=body, received_at=NOW
    )


def test_a_page_with_its_servers_token_gets_in() -> None:
    assert verify(beacon(token()), SHOP, NOW) == "genuine"
    assert verify(Event(room=ROOM, stem="beacon").delivery(), SHOP, NOW) == "genuine"


@pytest.mark.parametrize(
    "claims",
    [
        {"expires": int(NOW.timestamp())},
        {"expires": int(NOW.timestamp()) - 1},
        {"expires": int(NOW.timestamp()) + 86_401},
        {"expires": 10**15},
        {"expires": "2026-11-20T19:00:00Z"},
        {"expires": True},
        {"expires": None},
        {"session": None},
        {"session": ""},
        {"identity": None},
        {"identity": ""},
        {"identity": "email:" + "a" * 300},
        {"origin": None},
        {"origin": "https://elsewhere.example"},
        {"origin": f"{SITE}.evil.example"},
        {"origin": f"{SITE}/"},
    ],
)
def test_a_token_that_vouches_for_something_else_does_not(claims: dict[str, Any]) -> None:
    with pytest.raises(Forged):
        verify(beacon(token(**claims)), SHOP, NOW)


def test_a_token_lasts_until_it_expires() -> None:
    sent = beacon(token())

    assert verify(sent, SHOP, NOW + timedelta(seconds=1799)) == "genuine"
    with pytest.raises(Forged):
        verify(sent, SHOP, NOW + timedelta(seconds=1800))


@pytest.mark.parametrize("origin", [None, "", "null", "https://elsewhere.example", "tea.example"])
def test_another_site_cannot_use_a_token(origin: str | None) -> None:
    with pytest.raises(Forged):
        verify(beacon(token(), origin), SHOP, NOW)


def test_a_changed_token_is_forged() -> None:
    good = token()

    for at, char in enumerate(good):
        other = "A" if char != "A" else "B"
        with pytest.raises(Forged):
            verify(beacon(good[:at] + other + good[at + 1 :]), SHOP, NOW)


@pytest.mark.parametrize(
    "proof",
    [
        "",
        ".",
        "a.b",
        None,
        7,
        [],
        {"claims": "a"},
        token() + "=",
        token() + "\n",
        token().upper(),
        "é" + token(),
        f"{token()}.{token()}",
        token(key="a guess"),
        token(key=""),
        sealed(b"not json"),
        sealed(b"[]"),
        sealed(b"\xff\xfe"),
        sealed(b'{"expires": NaN}'),
        "A." + hmac.digest(KEY.encode(), b"beacon.A", "sha256").hex(),
    ],
)
def test_what_is_no_token_is_forged(proof: object) -> None:
    with pytest.raises(Forged):
        verify(beacon(proof), SHOP, NOW)


@pytest.mark.parametrize(
    "body",
    [b"", b"null", b"[]", b"{}", b"7", b'"token"', b"[" * 8000, b'{"token":' * 1500, b"\xff"],
)
def test_what_is_no_beacon_is_forged(body: bytes) -> None:
    with pytest.raises(Forged):
        verify(replace(beacon(token()), body=body), SHOP, NOW)


def test_a_long_beacon_is_forged_unread() -> None:
    long = beacon(token(), **VISIT, utm_term="x" * LARGEST)

    with pytest.raises(Forged):
        verify(long, SHOP, NOW)


def test_a_closed_door_opens_to_no_token() -> None:
    for keys in ((), ("",)):
        with pytest.raises(Forged):
            verify(beacon(token(key="")), replace(SHOP, signing_keys=keys), NOW)


def test_the_key_before_still_seals_tokens() -> None:
    rotated = replace(SHOP, signing_keys=("the-new-one", KEY))

    assert verify(beacon(token()), rotated, NOW) == "genuine"


def test_neither_proof_serves_for_the_other() -> None:
    sent = beacon(token())
    text, mac = token().split(".")
    signed = sign(sent.body, SHOP, KEY, NOW)[SIGNATURE].partition("v1=")[2]

    for headers in ({SIGNATURE: f"t=beacon,v1={mac}"}, {SIGNATURE: ""}, {SIGNATURE: token()}):
        with pytest.raises(Forged):
            verify(replace(sent, headers={**sent.headers, **headers}), SHOP, NOW)
    with pytest.raises(Forged):
        verify(beacon(f"{text}.{signed}"), SHOP, NOW)


def test_a_page_cannot_send_a_file() -> None:
    for kind in ("text/csv", "TEXT/CSV; charset=utf-8"):
        sent = beacon(token())
        with pytest.raises(Forged):
            verify(replace(sent, headers={**sent.headers, "content-type": kind}), SHOP, NOW)


def test_a_page_speaks_for_the_tokens_person_alone() -> None:
    heard = read(beacon(token()), SHOP, IDENTIFY)

    assert [each.customer for each in heard.touchpoints] == [IDENTIFY("email", "ann@example.com")]
    with pytest.raises(Unreadable) as refusal:
        read(beacon(token(), **VISIT, identity="email:bea@example.com"), SHOP, IDENTIFY)
    assert refusal.value.path == "identity"


def test_the_last_of_two_tokens_is_the_one_that_is_proven_and_read() -> None:
    good, guess = token(), token(key="a guess", identity="email:bea@example.com")
    both = b'{"token": "%s", "token": "%s", "kind": "visit", "seen_at": "2026-11-20T17:58:03Z"}'
    sent = beacon(good)

    with pytest.raises(Forged):
        verify(replace(sent, body=both % (good.encode(), guess.encode())), SHOP, NOW)
    last = replace(sent, body=both % (guess.encode(), good.encode()))
    assert verify(last, SHOP, NOW) == "genuine"
    assert read(last, SHOP, IDENTIFY) == read(sent, SHOP, IDENTIFY)


def test_a_beacon_that_was_parked_is_read_without_its_headers_of_proof() -> None:
    sent = beacon(token())
    parked = replace(sent, headers={"content-type": sent.headers["content-type"]})

    assert read(parked, SHOP, IDENTIFY) == read(sent, SHOP, IDENTIFY)


@pytest.mark.parametrize(
    ("seen_at", "rule"),
    [
        ("2026-11-20T18:05:00.001Z", "is in the future"),
        ("2026-08-22T17:59:59Z", "is more than 90 days ago"),
        ("2026-11-20T17:58:03", "has no offset"),
        ("", "is empty"),
    ],
)
def test_a_pages_clock_is_not_trusted_far(seen_at: str, rule: str) -> None:
    with pytest.raises(Unreadable) as refusal:
        read(beacon(token(), kind="visit", seen_at=seen_at), SHOP, IDENTIFY)

    assert (refusal.value.path, refusal.value.rule) == ("seen_at", rule)


@pytest.mark.parametrize("seen_at", ["2026-11-20T18:05:00Z", "2026-08-22T18:00:00Z"])
def test_a_pages_clock_is_trusted_within_reason(seen_at: str) -> None:
    assert read(beacon(token(), kind="visit", seen_at=seen_at), SHOP, IDENTIFY).touchpoints
