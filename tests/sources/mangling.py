"""Ways to change a body or a signature: what no vendor sends, and what an attacker may."""

import base64
import binascii
import json
import re
from collections.abc import Iterator
from contextlib import suppress
from copy import deepcopy
from typing import Any

Place = tuple[str | int, ...]


def distortions(signature: str) -> Iterator[str]:
    """The same signature in another case, cut, padded, or in another encoding."""
    yield from (signature.swapcase(), signature.upper(), signature.lower())
    yield from (signature[:-1], signature + "=", signature + "A", "é" + signature[1:], "ÿ")
    yield from (f'"{signature}"', f"sha256={signature}", signature[::-1])
    with suppress(binascii.Error):
        raw = base64.b64decode(signature, validate=True)
        yield from (raw.hex(), raw.hex().upper(), base64.b32encode(raw).decode())
        yield raw.decode("latin-1")
    with suppress(ValueError):
        yield base64.b64encode(bytes.fromhex(signature)).decode()


def shuffled(body: bytes) -> bytes:
    """The same document with other spaces and its fields in another order."""
    return json.dumps(_reversed(json.loads(body)), indent=3).encode()


def _reversed(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _reversed(value[name]) for name in reversed(value)}
    if isinstance(value, list):
        return [_reversed(each) for each in value]
    return value


def parts(path: str) -> list[str | int]:
    """`line_items[0].price` as its steps."""
    return [
        int(index) if index else name
        for name, index in re.findall(r"([^.\[\]]+)(?=[.\[]|$)|\[(\d+)\]", path)
    ]


def without(body: bytes, path: str) -> bytes:
    """The body without what stands there."""
    document = json.loads(body)
    *steps, last = parts(path)
    place = document
    for step in steps:
        place = place[step]
    del place[last]
    return json.dumps(document).encode()


def changed(body: bytes, path: str, value: Any) -> bytes:
    """The document with that value there; objects on the way are made where they are missing."""
    document = json.loads(body)
    return json.dumps(replaced(document, tuple(parts(path)), value)).encode()


def places(value: Any, at: Place = ()) -> Iterator[Place]:
    """Every place in a document, itself included."""
    yield at
    if isinstance(value, dict):
        for name, inside in value.items():
            yield from places(inside, (*at, name))
    elif isinstance(value, list):
        for index, inside in enumerate(value):
            yield from places(inside, (*at, index))


def replaced(document: Any, place: Place, put: Any) -> Any:
    """The document with something else at one place."""
    if not place:
        return put
    copy = deepcopy(document)
    inside = copy
    for step in place[:-1]:
        if isinstance(inside, dict) and not isinstance(inside.get(step), dict | list):
            inside[step] = {}
        inside = inside[step]
    inside[place[-1]] = put
    return copy
