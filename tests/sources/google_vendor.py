"""Google, scripted: a property with its reports, a bucket with its objects; notes what is asked."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

from vouchsafe.pure.errors import Refused
from vouchsafe.pure.pull import Request, Response

Plain = dict[str, Any]
REPORTS, BUCKETS = "https://analyticsdata.googleapis.com", "https://storage.googleapis.com"
OBJECTS = "/storage/v1/b/shop-export/o"


@dataclass
class Google:
    """`rows` are of a report by (day, its event); `objects` by name, `written` when they were."""

    rows: Mapping[tuple[str, str], list[Plain]] = field(default_factory=dict)
    objects: dict[str, bytes] = field(default_factory=dict)
    written: dict[str, str] = field(default_factory=dict)
    quota: Plain = field(default_factory=dict)
    zone: str = "Europe/Madrid"
    a_listing: int = 2
    knows_ranges: bool = True
    questions: list[Plain] = field(default_factory=list)
    downloads: list[tuple[str, str]] = field(default_factory=list)

    def send(self, request: Request) -> Response:
        parts = urlsplit(request.url)
        assert request.headers["authorization"] == "Bearer the-token"
        if request.method == "POST":
            assert request.url == f"{REPORTS}/v1beta/properties/310000001:runReport"
            return _json(self._report(json.loads(request.body or b"")))
        assert request.url.startswith(BUCKETS + OBJECTS)
        query = dict(parse_qsl(parts.query))
        if parts.path == OBJECTS:
            return _json(self._listing(query))
        return self._download(unquote(parts.path.removeprefix(f"{OBJECTS}/")), query, request)

    def asked(self) -> list[tuple[str, str, str]]:
        """(day, event, offset) of every report that was asked for."""
        return [
            (
                each["dateRanges"][0]["startDate"],
                each["dimensionFilter"]["filter"]["stringFilter"]["value"],
                each["offset"],
            )
            for each in self.questions
            if "dimensionFilter" in each
        ]

    def _report(self, question: Plain) -> Plain:
        self.questions.append(question)
        assert question["dateRanges"][0]["startDate"] == question["dateRanges"][0]["endDate"]
        metadata = {"timeZone": self.zone, "currencyCode": "EUR"}
        if "dimensionFilter" not in question:
            return {"metadata": metadata, "rowCount": 1}
        day, event, offset = Google.asked(self)[-1]
        rows = self.rows.get((day, event), [])
        start = int(offset)
        shown = rows[start : start + int(question["limit"])]
        answer: Plain = {
            "dimensionHeaders": question["dimensions"],
            "metricHeaders": question["metrics"],
            "metadata": metadata,
            "rowCount": len(rows),
            "propertyQuota": self.quota | {"concurrentRequests": {"remaining": 10}},
        }
        return answer | ({"rows": shown} if shown else {})

    def _listing(self, query: Mapping[str, str]) -> Plain:
        names = sorted(
            name
            for name in self.objects
            if name.startswith(query.get("prefix", "")) and name >= query.get("startOffset", "")
        )
        start = int(query.get("pageToken", "0"))
        end = start + self.a_listing
        items = [
            {
                "name": name,
                "generation": "7",
                "size": str(len(self.objects[name])),
                "updated": self.written.get(name, "2026-11-20T22:45:00.000Z"),
            }
            for name in names[start:end]
        ]
        return {"items": items} | ({"nextPageToken": str(end)} if end < len(names) else {})

    def _download(self, name: str, query: Mapping[str, str], request: Request) -> Response:
        assert (query["alt"], query["generation"]) == ("media", "7")
        assert request.headers["accept-encoding"] == "gzip"
        if name not in self.objects:
            raise Refused("the vendor answered 404", status=404)
        data, wanted = self.objects[name], request.headers["range"]
        self.downloads.append((name, wanted))
        first, _, last = wanted.removeprefix("bytes=").partition("-")
        if not self.knows_ranges:
            return Response(status=200, headers={}, body=data)
        return Response(status=206, headers={}, body=data[int(first) : int(last) + 1])


def _json(document: Plain) -> Response:
    return Response(status=200, headers={}, body=json.dumps(document).encode())
