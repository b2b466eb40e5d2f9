"""WooCommerce: a coupon, made a draft and published again. Pure but for `send`.

Shops look codes up among published coupons only, so that a draft is none: at once, and in carts
that hold it already. https://woocommerce.github.io/woocommerce-rest-api-docs/ (wc/v3, coupons),
read 2026-11-21.
"""

import base64
import json
from collections.abc import Iterator
from typing import Any, Literal
from urllib.parse import quote, urlencode

from pydantic import ValidationError

from vouchsafe.pure.channel import Sought, Switchable
from vouchsafe.pure.connection import Connection
from vouchsafe.pure.errors import Refused, Unavailable
from vouchsafe.pure.parsing import Narrow
from vouchsafe.pure.pull import Request, Send

CALLS_A_SECOND = 4.0
_PUBLISHED = "publish"
_DRAFT = "draft"
_GONE = 404


class _Coupon(Narrow):
    id: int
    code: str
    status: str = ""


class Site:
    """One site's coupons."""

    def __init__(self, send: Send, connection: Connection) -> None:
        self._send = send
        self._connection = connection

    def find(self, sought: Sought) -> Iterator[Switchable]:
        for code in sought.codes:
            found = self._asked("GET", f"coupons?{urlencode({'code': code})}")
            if not isinstance(found, list):
                raise Unavailable("the shop did not answer with a list")
            yield from map(_switchable, map(_coupon, found))

    def read(self, object_id: str) -> Switchable | None:
        try:
            return _switchable(_coupon(self._asked("GET", _place(object_id))))
        except Refused as refusal:
            if refusal.status != _GONE:
                raise
            return None

    def switch_off(self, held: Switchable) -> None:
        self._set(held, _DRAFT)

    def switch_on(self, held: Switchable, settings: str) -> None:
        if held.settings != _DRAFT:
            raise Refused("somebody has changed the coupon since it was switched off")
        self._set(held, settings)

    def _set(self, held: Switchable, status: str) -> None:
        now = _coupon(self._asked("PUT", _place(held.object_id), {"status": status}))
        if now.status != status:
            raise Refused("the shop keeps no status of coupons: its WooCommerce is too old")

    def _asked(
        self, method: Literal["GET", "PUT"], path: str, told: dict[str, str] | None = None
    ) -> Any:
        pair = f"{self._connection.api_key}:{self._connection.api_secret}".encode()
        request = Request(
            method=method,
            url=f"{self._connection.api_url.rstrip('/')}/wp-json/wc/v3/{path}",
            headers={
                "accept": "application/json",
                "authorization": f"Basic {base64.b64encode(pair).decode()}",
                "content-type": "application/json",
                "user-agent": "Vouchsafe",
            },
            body=json.dumps(told).encode() if told else None,
        )
        try:
            return json.loads(self._send(request).body)
        except (ValueError, RecursionError) as error:
            raise Unavailable("the shop did not answer with JSON") from error


def _place(object_id: str) -> str:
    return f"coupons/{quote(object_id, safe='')}"


def _coupon(told: object) -> _Coupon:
    try:
        return _Coupon.model_validate(told)
    except ValidationError:
        # Not chained: pydantic's own error holds what the shop sent.
        reason = "the shop's answer is not a coupon"
    raise Unavailable(reason)


def _switchable(coupon: _Coupon) -> Switchable:
    """A shop that tells no status shows published coupons only."""
    status = coupon.status or _PUBLISHED
    return Switchable(
        object_id=str(coupon.id),
        name=coupon.code,
        runs=status == _PUBLISHED,
        codes=(coupon.code,),
        settings=status,
    )
