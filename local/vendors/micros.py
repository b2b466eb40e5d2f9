"""Simphony's reports and the identity host before them: guest checks of one organisation."""

import base64
import hashlib
import secrets
from collections.abc import Iterable, Mapping
from datetime import date
from urllib.parse import parse_qsl, quote

from local.dealing import Shop
from local.payloads import micros as payload
from local.payloads.message import Document, Json
from local.payloads.timeline import last
from local.till import Sale
from local.vendors.exchange import Answer, Request, Throttle, told

REFUSE_ONE_IN = 200
LASTS_S = 1_209_600
# The API account's name, which the connection's options hold.
USERNAME = "journey"
_DAYS = ("opnBusDt", "clsdBusDt", "busDt")
_NEVER = "0000"


class Organisation:
    """One organisation's identity host and its reporting service."""

    def __init__(self, shop: Shop, sales: Iterable[Sale]) -> None:
        self._shop = shop
        self._throttle = Throttle(REFUSE_ONE_IN)
        self._challenges: dict[str, str] = {}
        self._codes: dict[str, str] = {}
        self._refreshes: dict[str, str] = {}
        self._tokens: set[str] = set()
        self._days: dict[str, dict[str, list[Sale]]] = {}
        for sale in sales:
            days = self._days.setdefault(payload.location(sale.store), {})
            for day in {payload.business_date(at) for at in (sale.placed_at, last(sale).at)}:
                days.setdefault(day, []).append(sale)

    def answer(self, request: Request) -> Answer:
        parts = request.path.strip("/").split("/")
        match request.method, parts:
            case "GET", ["oidc-provider", "v1", "oauth2", "authorize"]:
                return self._authorized(request.query)
            case "POST", ["oidc-provider", "v1", "oauth2", "signin"]:
                return self._signed_in(request)
            case "POST", ["oidc-provider", "v1", "oauth2", "token"]:
                return self._granted(_form(request))
            case "POST", ["bi", "v1", organisation, name] if organisation == self._shop.shop:
                return self._reported(name, request)
        return _refused(404, "RESOURCE_NOT_FOUND")

    # --- The identity host

    def _authorized(self, asked: Mapping[str, str]) -> Answer:
        known = asked.get("client_id") == self._shop.api_key
        if not known or asked.get("code_challenge_method") != "S256":
            return _refused(400, "INVALID_CLIENT")
        session = secrets.token_hex(8)
        self._challenges[session] = asked.get("code_challenge", "")
        headers = {"Set-Cookie": f"oidc_session={session}; Path=/; Secure; HttpOnly"}
        return Answer(200, b"<html>Sign in</html>", headers)

    def _signed_in(self, request: Request) -> Answer:
        form = _form(request)
        account = form.get("username"), form.get("password"), form.get("orgname")
        challenge = self._challenges.pop(_cookie(request, "oidc_session"), None)
        if challenge is None or account != (USERNAME, self._shop.api_secret, self._shop.shop):
            return _refused(401, "AUTHENTICATION_FAILED")
        code = secrets.token_urlsafe(12) + "=="
        self._codes[code] = challenge
        url = f"apiaccount://callback?code={quote(code)}"
        return told({"success": True, "nextOp": "redirect", "redirectUrl": url})

    def _granted(self, form: Mapping[str, str]) -> Answer:
        """A code is good once, and so is a refresh token."""
        held = self._refreshes if form.get("grant_type") == "refresh_token" else self._codes
        given = form.get("refresh_token") or form.get("code", "")
        challenge = held.pop(given, None)
        if challenge is None or _challenge(form.get("code_verifier", "")) != challenge:
            return _refused(401, "RECORD_NOT_FOUND")
        token, refresh = secrets.token_urlsafe(24), secrets.token_urlsafe(24)
        self._tokens.add(f"Bearer {token}")
        self._refreshes[refresh] = challenge
        return told(
            {
                "id_token": token,
                "access_token": "not used",
                "token_type": "Bearer",
                "expires_in": str(LASTS_S),
                "refresh_token": refresh,
            }
        )

    # --- The reports

    def _reported(self, name: str, request: Request) -> Answer:
        if request.headers.get("authorization") not in self._tokens:
            return _refused(401, "INVALID_TOKEN")
        if self._throttle.refuses():
            return _refused(429, "TOO_MANY_REQUESTS")
        if name == "getLocationDimensions":
            return told({"locations": [_location(each) for each in sorted(self._days)]})
        asked = request.document()
        days = self._days.get(str(asked.get("locRef")))
        if days is None:
            return _refused(400, "INVALID_LOCATION")
        match name:
            case "getLatestBusinessDate":
                return told({"locRef": asked["locRef"], "latestBusDt": max(days)})
            case "getGuestChecks":
                return _guest_checks(asked, days)
        return _refused(404, "RESOURCE_NOT_FOUND")


def _guest_checks(asked: Document, days: Mapping[str, list[Sale]]) -> Answer:
    """The checks of one business date, and of those what changed since a time."""
    named = [each for each in _DAYS if each in asked]
    if len(named) != 1 or not _is_day(asked[named[0]]):
        return _refused(400, "INVALID_BUSINESS_DATE")
    day, since = str(asked[named[0]]), str(asked.get("changedSinceUTC", _NEVER))
    fields = ("opnBusDt", "clsdBusDt") if named[0] == "busDt" else (named[0],)
    found: list[Json] = []
    for check in map(payload.guest_check, days.get(day, ())):
        there = day in [check[field] for field in fields]
        if there and str(check["lastUpdatedUTC"]) >= since:
            found.append(check)
    return told({"locRef": asked["locRef"], "guestChecks": found or None})


def _location(reference: str) -> Json:
    return {"locRef": reference, "name": f"Journey {reference}", "active": True}


def _is_day(text: Json) -> bool:
    try:
        return bool(date.fromisoformat(str(text)))
    except ValueError:
        return False


def _challenge(verifier: str) -> str:
    digest = hashlib.sha256(verifier.encode()).digest()
    return base64.urlsafe_b64encode(digest).decode().rstrip("=")


def _form(request: Request) -> dict[str, str]:
    return dict(parse_qsl(request.body.decode()))


def _cookie(request: Request, name: str) -> str:
    pairs = (each.strip().partition("=") for each in request.headers.get("cookie", "").split(";"))
    return next((value for known, _, value in pairs if known == name), "")


def _refused(status: int, code: str) -> Answer:
    return told({"status": status, "message": code, "code": code}, status)
