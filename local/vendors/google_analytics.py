"""Google for one property: tokens, reports of the Data API, and the export's files in a bucket."""

import gzip
import json
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping
from datetime import date, timedelta
from functools import lru_cache
from urllib.parse import parse_qsl, unquote

from local.dealing import CURRENCY, ZONE, Shop
from local.payloads import google_analytics as payload
from local.payloads.google_analytics import Event
from local.payloads.message import Document, Json, encoded, major, utc_text
from local.till import Sale
from local.vendors.exchange import Answer, Request, Throttle, told

REFUSE_ONE_IN = 200
LIFE_S = 3599
# Small, so that clients must follow.
OBJECTS_A_PAGE = 4
USUAL_LIMIT = 10_000
NOT_SET = "(not set)"
_MONEY = frozenset({"purchaseRevenue", "refundAmount"})
_OBJECTS = f"/storage/v1/b/{payload.BUCKET}/o"


class Property:
    """One property's `:runReport`, its bucket, and the tokens to both."""

    def __init__(self, shop: Shop, sales: Iterable[Sale]) -> None:
        self._shop = shop
        self._throttle = Throttle(REFUSE_ONE_IN)
        self._by_day: dict[date, list[Event]] = defaultdict(list)
        for sale in sales:
            for event in payload.events(sale):
                self._by_day[event.day].append(event)
        self._names = {name: day for day in self._by_day for name in [_name(day)]}
        # A file is as long at each run, and too many to be kept.
        self._file = lru_cache(maxsize=4)(self._written)
        self._sizes: dict[str, int] = {}

    def answer(self, request: Request) -> Answer:
        if request.path == "/token":
            return self._signed_in(dict(parse_qsl(request.body.decode())))
        if request.headers.get("authorization") != f"Bearer {self._token()}":
            return _error(401, "UNAUTHENTICATED")
        if self._throttle.refuses():
            return _error(429, "RESOURCE_EXHAUSTED")
        if request.path == f"/v1beta/{self._shop.shop}:runReport" and request.method == "POST":
            return self._reported(request.document())
        if request.path == _OBJECTS:
            return self._listed(request.query)
        return self._downloaded(request)

    def _signed_in(self, form: Mapping[str, str]) -> Answer:
        ours = (self._shop.api_key, self._shop.api_secret, "refresh_token")
        said = (form.get("client_id"), form.get("client_secret"), form.get("grant_type"))
        if said != ours or not form.get("refresh_token"):
            return told({"error": "invalid_grant", "error_description": "Bad Request"}, 400)
        return told({"access_token": self._token(), "expires_in": LIFE_S, "token_type": "Bearer"})

    def _token(self) -> str:
        return f"ya29.{self._shop.api_secret[:8]}"

    # --- Reports

    def _reported(self, question: Document) -> Answer:
        try:
            wanted, dimensions, metrics = _asked(question)
            rows = self._rows(wanted, dimensions, metrics, _event_of(question))
            start, limit = (int(str(question.get(each, 0))) for each in ("offset", "limit"))
        except (KeyError, TypeError, ValueError):
            return _error(400, "INVALID_ARGUMENT")
        shown: Json = [*rows[start : start + (limit or USUAL_LIMIT)]]
        answer: Document = {
            "dimensionHeaders": [{"name": name} for name in dimensions],
            "metricHeaders": [{"name": name, "type": _type(name)} for name in metrics],
            "rowCount": len(rows),
            "metadata": {"currencyCode": CURRENCY, "timeZone": ZONE},
            "kind": "analyticsData#runReport",
        }
        if question.get("returnPropertyQuota"):
            answer["propertyQuota"] = {"tokensPerDay": {"consumed": 9, "remaining": 190_000}}
        return told({**answer, "rows": shown} if shown else answer)

    def _rows(
        self, days: list[date], dimensions: list[str], metrics: list[str], name: str
    ) -> list[Json]:
        sums: dict[tuple[str, ...], Counter[str]] = defaultdict(Counter)
        for event in (each for day in days for each in self._by_day.get(day, [])):
            if name in {"", event.name}:
                cells = tuple(_dimension(event, each) for each in dimensions)
                sums[cells].update({each: _metric(event, each) for each in metrics})
        return [
            {
                "dimensionValues": [{"value": each} for each in cells],
                "metricValues": [{"value": _value(each, sums[cells][each])} for each in metrics],
            }
            for cells in sorted(sums)
        ]

    # --- The bucket

    def _listed(self, query: Mapping[str, str]) -> Answer:
        prefix, start = query.get("prefix", ""), query.get("startOffset", "")
        names = sorted(
            name for name in [*self._names, *self._intraday()] if name.startswith(prefix)
        )
        names = [name for name in names if name >= start]
        at = int(query.get("pageToken") or 0)
        end = at + OBJECTS_A_PAGE
        answer: Document = {
            "kind": "storage#objects",
            "items": [self._object(name) for name in names[at:end]],
        }
        return told({**answer, "nextPageToken": str(end)} if end < len(names) else answer)

    def _intraday(self) -> list[str]:
        """What streams in for the last day beside its file: nobody may read it."""
        last = max(self._by_day, default=None)
        return [f"{payload.PREFIX}events_intraday_{last:%Y%m%d}.json"] if last else []

    def _object(self, name: str) -> Json:
        day = self._names.get(name, max(self._by_day))
        if name not in self._sizes:
            self._sizes[name] = len(self._file(day)) if name in self._names else 0
        return {
            "name": name,
            "bucket": payload.BUCKET,
            "generation": "1",
            "size": str(self._sizes[name]),
            "updated": utc_text(payload.written_at(day)),
        }

    def _downloaded(self, request: Request) -> Answer:
        name = unquote(request.path.removeprefix(f"{_OBJECTS}/"))
        if name not in self._names or request.query.get("alt") != "media":
            return _error(404, "NOT_FOUND")
        data = self._file(self._names[name])
        kind = {"Content-Type": "application/octet-stream"}
        wanted = request.headers.get("range", "")
        if not wanted.startswith("bytes="):
            return Answer(200, data, kind)
        first, _, last = wanted.removeprefix("bytes=").partition("-")
        if int(first) >= len(data):
            return _error(416, "OUT_OF_RANGE")
        shown = data[int(first) : int(last) + 1 if last else None]
        span = f"bytes {first}-{int(first) + len(shown) - 1}/{len(data)}"
        return Answer(206, shown, {**kind, "Content-Range": span})

    def _written(self, day: date) -> bytes:
        events = sorted(self._by_day[day], key=lambda each: (each.at, each.number))
        data = b"".join(encoded(payload.row(each)) + b"\n" for each in events)
        return gzip.compress(data, mtime=0) if _name(day).endswith(".gz") else data


def _name(day: date) -> str:
    """Every other day's file is packed."""
    packed = ".gz" if day.toordinal() % 2 else ""
    return f"{payload.PREFIX}events_{day:%Y%m%d}.json{packed}"


def _asked(question: Document) -> tuple[list[date], list[str], list[str]]:
    """The days, dimensions and metrics of a question. Raises KeyError, TypeError, ValueError."""
    days = [
        day
        for span in _many(question, "dateRanges")
        for day in _span(str(span["startDate"]), str(span["endDate"]))
    ]
    dimensions = [str(each["name"]) for each in _many(question, "dimensions")]
    metrics = [str(each["name"]) for each in _many(question, "metrics")]
    if not days or not metrics:
        raise ValueError("needs days and metrics")
    return days, dimensions, metrics


def _many(question: Document, name: str) -> Iterator[Document]:
    found = question.get(name) or []
    if not isinstance(found, list):
        raise TypeError(name)
    for each in found:
        if not isinstance(each, dict):
            raise TypeError(name)
        yield each


def _span(start: str, end: str) -> Iterator[date]:
    first, last = date.fromisoformat(start), date.fromisoformat(end)
    for at in range((last - first).days + 1):
        yield first + timedelta(days=at)


def _event_of(question: Document) -> str:
    """The event that a filter lets through; empty for all."""
    asked = json.loads(json.dumps(question.get("dimensionFilter") or {}))
    if not asked:
        return ""
    if asked["filter"]["fieldName"] != "eventName":
        raise ValueError("only events are filtered here")
    return str(asked["filter"]["stringFilter"]["value"])


def _dimension(event: Event, name: str) -> str:
    bought = event.name == "purchase"
    values = {
        "date": f"{event.day:%Y%m%d}",
        "transactionId": event.transaction_id,
        "orderCoupon": payload.coupon(event) if bought else "",
        "currencyCode": CURRENCY if event.transaction_id else "",
        "customEvent:coupon": payload.coupon(event),
        "customEvent:result": event.result,
        "customEvent:checkout_id": event.checkout,
    }
    return values[name] or NOT_SET


def _metric(event: Event, name: str) -> int:
    """Counts, and cents."""
    values = {
        "eventCount": 1,
        "ecommercePurchases": int(event.name == "purchase"),
        "purchaseRevenue": event.cents if event.name == "purchase" else 0,
        "refundAmount": event.cents if event.name == "refund" else 0,
    }
    return values[name]


def _value(name: str, number: int) -> str:
    return major(number) if name in _MONEY else str(number)


def _type(name: str) -> str:
    return "TYPE_CURRENCY" if name in _MONEY else "TYPE_INTEGER"


def _error(status: int, word: str) -> Answer:
    return told({"error": {"code": status, "message": word.lower(), "status": word}}, status)
