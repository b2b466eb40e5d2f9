"""The calls to Simphony's Business Intelligence API that this room makes; all of them are POSTs.

Source: docs.oracle.com/en/industries/food-beverage/back-office/20.1/biapi, read 2026-11-21.
"""

import json
from collections.abc import Mapping
from datetime import UTC, date, datetime
from typing import Any
from urllib.parse import quote

from vouchsafe.pure.business_day import parse_day
from vouchsafe.pure.connection import Connection
from vouchsafe.pure.errors import Invalid, Unavailable
from vouchsafe.pure.pull import Request, Send, json_of

# No limit is published; the local systems behind it are said to be slow.
CALLS_A_SECOND = 2.0

Plain = dict[str, Any]  # a check as JSON gives it; it leaves this room as bytes only


class Reports:
    """The reporting service of one organisation."""

    def __init__(self, send: Send, connection: Connection) -> None:
        self._send = send
        self._connection = connection

    def locations(self) -> tuple[str, ...]:
        """The locations to list: the connection's own choice, else all that are active."""
        return self._chosen() or tuple(self._all_locations())

    def spelled(self, location: str) -> str:
        """The location as the reports write it: a notification writes all of them in lower case,
        and whether the reports mind is not documented. Asks for it only where nobody chose."""
        own = self._chosen() or tuple(self._all_locations())
        return next((each for each in own if each.casefold() == location.casefold()), location)

    def latest_day(self, location: str) -> date:
        """The business date that the location is on, which may be days behind the calendar."""
        told = self._asked("getLatestBusinessDate", {"locRef": location})
        try:
            return parse_day(str(told.get("latestBusDt"))[:10])
        except Invalid as error:
            raise Unavailable("Simphony's answer has no business date") from error

    def checks(
        self, location: str, day: date, since: datetime | None, by: str = "busDt"
    ) -> list[Plain]:
        """The checks of a location's business date, changed since; all of them at once."""
        asked = {"locRef": location, by: day.isoformat()}
        asked |= {"changedSinceUTC": _naive(since)} if since else {}
        found = self._asked("getGuestChecks", asked).get("guestChecks") or []
        if not isinstance(found, list) or not all(isinstance(each, dict) for each in found):
            raise Unavailable("Simphony's answer has no list of guest checks")
        return found

    def _chosen(self) -> tuple[str, ...]:
        chosen = self._connection.options.get("locations", "").split(",")
        return tuple(each.strip() for each in chosen if each.strip())

    def _all_locations(self) -> list[str]:
        told = self._asked("getLocationDimensions", {})
        found = told.get("locations") or []
        if not isinstance(found, list):
            raise Unavailable("Simphony's answer has no list of locations")
        return [
            str(each["locRef"])
            for each in found
            if isinstance(each, dict) and each.get("locRef") and each.get("active") is not False
        ]

    def _asked(self, name: str, asked: Mapping[str, str]) -> Plain:
        home, organisation = self._connection.api_url.rstrip("/"), self._connection.shop
        request = Request(
            method="POST",
            url=f"{home}/bi/v1/{quote(organisation, safe='')}/{name}",
            headers={
                "Authorization": f"Bearer {self._connection.access_token}",
                "Content-Type": "application/json",
            },
            body=json.dumps(asked).encode(),
        )
        told = json_of(self._send(request).body, "Simphony")
        # One release answers a listing of locations with the bare list.
        return told if isinstance(told, dict) else {"locations": told}


def _naive(at: datetime) -> str:
    """UTC without an offset and in whole seconds, as the API writes it itself."""
    return at.astimezone(UTC).replace(tzinfo=None, microsecond=0).isoformat()
