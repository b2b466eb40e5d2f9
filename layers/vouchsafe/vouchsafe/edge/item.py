"""Table items: dataclasses laid out flat for people, their bulk packed beside, and back."""

import base64
import json
import zlib
from collections.abc import Mapping
from typing import Any

Plain = dict[str, Any]
Image = Mapping[str, Mapping[str, Any]]


def pack(plain: object) -> bytes:
    """JSON, deflated: a third of the size is a third of the price of a write."""
    text = json.dumps(plain, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return zlib.compress(text.encode(), 6)


def unpack(packed: bytes) -> Any:
    """What `pack` packed."""
    return json.loads(zlib.decompress(packed))


def flat(plain: Plain, bulk: tuple[str, ...]) -> Plain:
    """The order's key spread out as attributes, and the bulky fields packed as `body`."""
    attributes = {name: value for name, value in plain.items() if name not in (*bulk, "key")}
    packed = {name: plain[name] for name in bulk if name in plain}
    if packed:
        attributes["body"] = pack(packed)
    return {**attributes, **plain["key"]}


def unflat(attributes: Mapping[str, Any]) -> Plain:
    """What `flat` laid out; names of `KEYS` are dropped."""
    plain = {name: value for name, value in attributes.items() if name not in _NOT_SAID}
    if attributes.get("body"):
        plain |= unpack(attributes["body"])
    plain["key"] = {name: attributes[name] for name in ("platform", "account", "order_id")}
    return plain


_NOT_SAID = frozenset(
    {
        "account",
        "body",
        "code_shard",
        "code_sort",
        "customer_key",
        "customer_sort",
        "day_shard",
        "day_sort",
        "order_id",
        "pk",
        "platform",
        "register_revision",
        "sk",
    }
)


def attributes(image: Image) -> Plain:
    """A stream record's image in plain Python: numbers as int or float, binary as bytes."""
    return {name: _value(*next(iter(typed.items()))) for name, typed in image.items()}


def _value(kind: str, value: Any) -> Any:
    if kind == "S" or kind == "BOOL":
        return value
    if kind == "N":
        return int(value) if value.lstrip("-").isdigit() else float(value)
    if kind == "B":
        return value if isinstance(value, bytes) else base64.b64decode(value)
    if kind == "NULL":
        return None
    if kind == "L":
        return [_value(*next(iter(part.items()))) for part in value]
    return attributes(value)
