"""The K-Series' API of one business: tokens, and the sales of a location by their closing."""

from collections.abc import Iterable
from datetime import datetime
from functools import partial
from urllib.parse import parse_qsl

from local.dealing import Shop, place
from local.payloads import lightspeed as payload
from local.payloads.message import Json
from local.till import Sale
from local.vendors.exchange import Answer, Request, Throttle, told
from local.vendors.shelf import Entry, Shelf, page

REFUSE_ONE_IN = 400
MOST_SALES = 100
LIFE_S = 3600


class Business:
    """One business and its locations."""

    def __init__(self, shop: Shop, sales: Iterable[Sale]) -> None:
        self._shop = shop
        self._shelf = Shelf(entry for sale in sales for entry in _entries(sale))
        self._throttle = Throttle(REFUSE_ONE_IN)
        self._turns = 0

    def answer(self, request: Request) -> Answer:
        if request.path == "/oauth/token":
            return self._signed_in(dict(parse_qsl(request.body.decode())))
        if request.headers.get("authorization") != f"Bearer {self._token()}":
            return told({"error": "invalid_token"}, 401)
        if self._throttle.refuses():
            return Answer(429, b"{}", {"Retry-After": "1"})
        match request.path.strip("/").split("/"):
            case ["f", "v2", "business-location", location, "sales"]:
                return self._listed(request, location)
        return told({"error": "not_found"}, 404)

    def _signed_in(self, form: dict[str, str]) -> Answer:
        """Any refresh token is taken: a run may begin with the seed again."""
        if form.get("client_id") != self._shop.api_key or not form.get("refresh_token"):
            return told({"error": "invalid_grant"}, 400)
        self._turns += 1
        return told(
            {
                "access_token": self._token(),
                "expires_in": LIFE_S,
                "refresh_token": f"refresh-{self._turns}",
            }
        )

    def _token(self) -> str:
        return f"token-{self._shop.api_key[:8]}"

    def _listed(self, request: Request, location: str) -> Answer:
        try:
            start, end = (datetime.fromisoformat(request.query[name]) for name in ("from", "to"))
            first = int(request.query.get("nextPageToken") or 0)
        except (KeyError, ValueError):
            return told({"error": "from and to are needed"}, 400)
        found = self._shelf.window(
            "updated", lambda each: each.location_id == location and start <= each.updated < end
        )
        documents, rest = page(found, first, MOST_SALES)
        sales: list[Json] = [*documents]
        return told({"sales": sales, "nextPageToken": None if rest is None else str(rest)})


def _entries(sale: Sale) -> Iterable[Entry]:
    location = place(sale.store).location_id
    for at, document in payload.sales(sale):
        yield Entry(str(document["accountFiscId"]), location, at, at, partial(dict, document))
