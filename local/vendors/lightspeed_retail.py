"""The R-Series' API, V3, of one account: tokens that turn, sales by a window, lines by their id."""

import json
from collections.abc import Iterable
from datetime import datetime
from urllib.parse import parse_qsl, urlencode

from local.dealing import Shop
from local.payloads import lightspeed_retail as payload
from local.payloads.message import Document, Json
from local.payloads.timeline import last, paid_at
from local.till import Sale
from local.vendors.exchange import Answer, Request, Throttle, told
from local.vendors.shelf import Entry, Shelf, When, page

REFUSE_ONE_IN = 400
MOST_SALES = 100
LIFE_S = 1800
_FIELDS: dict[str, When] = {"timeStamp": "updated", "createTime": "created"}


class Register:
    """One account's `/API/V3` and the tokens to it."""

    def __init__(self, shop: Shop, sales: Iterable[Sale]) -> None:
        held = list(sales)
        self._shop = shop
        self._sales = {sale.number: sale for sale in held}
        self._shelf = Shelf(entry for sale in held for entry in _entries(sale))
        self._throttle = Throttle(REFUSE_ONE_IN)
        self._turns = 0

    def answer(self, request: Request) -> Answer:
        if request.path == "/auth/oauth/token":
            return self._signed_in(dict(parse_qsl(request.body.decode())))
        if request.headers.get("authorization") != f"Bearer {self._token()}":
            return _error(401, "Unauthorized")
        if self._throttle.refuses():
            return Answer(429, b"Rate limit", {"Retry-After": "1"})
        parts = request.path.strip("/").split("/")
        if parts[:4] != ["API", "V3", "Account", self._shop.shop]:
            return _error(404, "Not found")
        if parts[4:] == ["Sale.json"]:
            return self._listed(request)
        if len(parts) == 6 and parts[4] == "SaleLine":
            return self._line(parts[5].removesuffix(".json"))
        return _error(404, "Not found")

    def _signed_in(self, form: dict[str, str]) -> Answer:
        """Any refresh token that was given out is taken: a run may begin with the seed again."""
        ours = (self._shop.api_key, self._shop.api_secret)
        if (form.get("client_id"), form.get("client_secret")) != ours or not form.get(
            "refresh_token"
        ):
            return told({"error": "invalid_grant"}, 400)
        self._turns += 1
        return told(
            {
                "access_token": self._token(),
                "expires_in": LIFE_S,
                "refresh_token": f"refresh-{self._turns}",
                "token_type": "bearer",
            }
        )

    def _token(self) -> str:
        return f"token-{self._shop.api_secret[:8]}"

    def _listed(self, request: Request) -> Answer:
        field = next((name for name in _FIELDS if name in request.query), None)
        if field is None:
            return _error(400, "timeStamp or createTime is needed")
        operator, _, span = request.query[field].partition(",")
        if operator != "><":
            return _error(400, "the operator is not known")
        start, end = (datetime.fromisoformat(each) for each in span.split(","))
        when = _FIELDS[field]
        entries = self._shelf.window(when, lambda entry: start <= entry.at(when) <= end)
        limit = min(int(request.query.get("limit") or MOST_SALES), MOST_SALES)
        found, rest = page(entries, int(request.query.get("after") or 0), limit)
        following = {**request.query, "after": str(rest)}
        address = f"https://elsewhere.example.com{request.path}?{urlencode(following)}"
        sales: Json = found[0] if len(found) == 1 else [*found]
        answer: Document = {
            "@attributes": {"next": address if rest is not None else "", "previous": ""}
        }
        return told({**answer, "Sale": sales} if found else answer)

    def _line(self, line_id: str) -> Answer:
        number = payload.number_of(line_id) if line_id.isdecimal() else -1
        line = payload.sale_line(self._sales[number], line_id) if number in self._sales else None
        return told({"SaleLine": line}) if line else _error(404, "Not found")


def _entries(sale: Sale) -> Iterable[Entry]:
    step = last(sale)
    changed = paid_at(sale) if step.stage == "returned" else step.at
    yield Entry(
        payload.sale_id(sale.number), "", sale.placed_at, changed, lambda: payload.sale(sale)
    )
    if sale.back:
        at = sale.back.at
        back = payload.return_id(sale.number)
        yield Entry(back, "", at, at, lambda: payload.return_sale(sale))


def _error(status: int, message: str) -> Answer:
    said = {"httpCode": str(status), "message": message, "errorClass": "Exception"}
    return Answer(status, json.dumps(said).encode(), {"Content-Type": "application/json"})
