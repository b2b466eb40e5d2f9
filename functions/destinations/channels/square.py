"""Square: a discount of the catalogue, present at no location, and where it was before. Pure but
for `send`.

Square has no switch: what is present nowhere is offered by no till. An update replaces the whole
object, so that it is sent as it was read, with its version, but for where it is present.
https://developer.squareup.com/docs/catalog-api/update-catalog-objects and
/reference/square/objects/CatalogObject, read 2026-11-21.
"""

import json
from collections.abc import Iterator, Mapping
from hashlib import sha256
from typing import Any
from urllib.parse import quote, urlencode

from vouchsafe.pure.channel import Sought, Switchable
from vouchsafe.pure.codes import canonical, folded
from vouchsafe.pure.connection import Connection
from vouchsafe.pure.errors import Refused, Unavailable
from vouchsafe.pure.pull import Request, Send

# Of a merchant one change of the catalogue is taken at a time; others get 429.
CALLS_A_SECOND = 2.0
_VERSION = "2026-08-19"
_NOWHERE: Mapping[str, Any] = {"present_at_all_locations": False}
_WHERE = ("present_at_all_locations", "present_at_location_ids", "absent_at_location_ids")
# Square's own, which nobody may say otherwise.
_ITS_OWN = ("created_at", "is_deleted", "updated_at")
_MOST_PAGES = 50
_GONE = 404

Plain = dict[str, Any]  # an object as JSON gives it; it leaves this module only for Square


class Merchant:
    """One merchant's catalogue."""

    def __init__(self, send: Send, connection: Connection) -> None:
        self._send = send
        self._connection = connection

    def find(self, sought: Sought) -> Iterator[Switchable]:
        """Square knows no codes: what a discount stands for, the register's aliases say."""
        wanted = {canonical(each) for each in sought.codes}
        for held in self._discounts():
            codes = tuple(sought.aliases[each] for each in _aliases(held) if each in sought.aliases)
            if wanted.intersection(map(canonical, codes)):
                yield _switchable(held, codes)

    def read(self, object_id: str) -> Switchable | None:
        held = self._object(object_id)
        return _switchable(held, ()) if held else None

    def switch_off(self, held: Switchable) -> None:
        self._put(held, _NOWHERE)

    def switch_on(self, held: Switchable, settings: str) -> None:
        self._put(held, json.loads(settings))

    def _put(self, held: Switchable, where: Mapping[str, Any]) -> None:
        now = self._object(held.object_id)
        if now is None:
            raise Refused("the discount is gone")
        kept = {name: now[name] for name in now if name not in (*_WHERE, *_ITS_OWN)}
        wanted = kept | dict(where)
        key = sha256(json.dumps(wanted, sort_keys=True).encode()).hexdigest()
        asked = {"idempotency_key": key, "object": wanted}
        try:
            self._asked("catalog/object", asked)
        except Refused as refusal:
            if refusal.code == "VERSION_MISMATCH":
                raise Unavailable("somebody changed the discount at the same time") from refusal
            raise

    def _object(self, object_id: str) -> Plain | None:
        try:
            held = self._asked(f"catalog/object/{quote(object_id, safe='')}").get("object")
        except Refused as refusal:
            if refusal.status != _GONE:
                raise
            return None
        if not isinstance(held, dict):
            raise Unavailable("Square's answer has no object")
        return None if held.get("is_deleted") else held

    def _discounts(self) -> Iterator[Plain]:
        cursor = ""
        for _ in range(_MOST_PAGES):
            asked = {"types": "DISCOUNT"} | ({"cursor": cursor} if cursor else {})
            answer = self._asked(f"catalog/list?{urlencode(asked)}")
            found = answer.get("objects") or []
            yield from (each for each in found if isinstance(each, dict) and each.get("id"))
            cursor = answer.get("cursor") or ""
            if not cursor:
                return
        raise Refused("the merchant has more discounts than are looked through")

    def _asked(self, path: str, told: Mapping[str, Any] | None = None) -> Plain:
        request = Request(
            method="POST" if told else "GET",
            url=f"{self._connection.api_url.rstrip('/')}/v2/{path}",
            headers={
                "authorization": f"Bearer {self._connection.api_key}",
                "square-version": _VERSION,
                "accept": "application/json",
                "content-type": "application/json",
            },
            body=json.dumps(told).encode() if told else None,
        )
        try:
            answer = json.loads(self._send(request).body)
        except (ValueError, RecursionError) as error:
            raise Unavailable("Square's answer is not JSON") from error
        if not isinstance(answer, dict):
            raise Unavailable("Square's answer is not an object")
        return answer


def _name(held: Plain) -> str:
    data = held.get("discount_data")
    return str(data.get("name") or "") if isinstance(data, dict) else ""


def _aliases(held: Plain) -> Iterator[str]:
    yield f"catalog:{held['id']}"
    if folded(_name(held)):
        yield f"name:{folded(_name(held))}"


def _switchable(held: Plain, codes: tuple[str, ...]) -> Switchable:
    where = {name: held[name] for name in _WHERE if name in held}
    return Switchable(
        object_id=str(held["id"]),
        name=_name(held),
        runs=bool(held.get("present_at_all_locations", True) or held.get(_WHERE[1])),
        codes=codes,
        settings=json.dumps(where, sort_keys=True),
    )
