"""Frozen dataclasses as compact JSON and back: fields at their default are left out.

Codecs are put together once for each class, from its type hints. The JSON is canonical (sorted
keys, no spaces), so that equal values give equal bytes and equal digests.
"""

import json
import types
from collections.abc import Callable
from dataclasses import MISSING, fields, is_dataclass
from datetime import date, datetime, time
from decimal import Decimal
from functools import cache
from typing import Any, TypeVar, Union, cast, get_args, get_origin, get_type_hints

from vouchsafe.pure import instant
from vouchsafe.pure.errors import Unreadable

T = TypeVar("T")
Plain = Any  # JSON's own types; the one place where they are handled untyped
Coder = Callable[[Any], Any]


def dumps(value: object) -> str:
    """Canonical JSON of a dataclass."""
    return json.dumps(
        plain(value), sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False
    )


def loads(kind: type[T], text: str | bytes) -> T:
    """The dataclass of that JSON. Raises Unreadable where it does not fit."""
    try:
        return from_plain(kind, json.loads(text))
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise Unreadable(kind.__name__, f"does not fit: {error}") from error


def plain(value: object) -> dict[str, Plain]:
    """JSON's types for a dataclass."""
    return cast(dict[str, Plain], _encoder(cast(Any, type(value)))(value))


def from_plain(kind: type[T], raw: Plain) -> T:
    """A dataclass from JSON's types."""
    return cast(T, _decoder(cast(Any, kind))(raw))


def _same(value: Any) -> Any:
    return value


def _decimal_text(value: Decimal) -> str:
    """Plain and canonical: equal quantities are one text, whatever the vendor's zeros."""
    return f"{value.normalize():f}"


def _minutes(value: time) -> str:
    """A wall-clock time, as `05:00`."""
    return value.isoformat("minutes")


_ENCODERS: dict[object, Coder] = {
    datetime: instant.text,
    date: date.isoformat,
    time: _minutes,
    Decimal: _decimal_text,
    frozenset: sorted,
}
_DECODERS: dict[object, Coder] = {
    datetime: instant.parse,
    date: date.fromisoformat,
    time: time.fromisoformat,
    Decimal: Decimal,
}


def _build(hint: Any, of_class: Callable[[type], Coder], leaves: dict[object, Coder]) -> Coder:
    """The coder of one type hint, out of the coders of its parts."""
    if hint in leaves:
        return leaves[hint]
    if is_dataclass(hint):
        return of_class(cast(type, hint))
    origin, inside = get_origin(hint), get_args(hint)
    if origin in (Union, types.UnionType):
        coder = _build(next(each for each in inside if each is not type(None)), of_class, leaves)
        return lambda value: None if value is None else coder(value)
    if origin is tuple:
        return _tuple(inside, of_class, leaves)
    if origin is frozenset:
        return leaves.get(frozenset, frozenset)
    return _same


def _tuple(
    inside: tuple[Any, ...], of_class: Callable[[type], Coder], leaves: dict[object, Coder]
) -> Coder:
    if len(inside) == 2 and inside[1] is Ellipsis:
        each = _build(inside[0], of_class, leaves)
        return lambda values: tuple(map(each, values))
    parts = [_build(hint, of_class, leaves) for hint in inside]
    return lambda values: tuple(part(value) for part, value in zip(parts, values, strict=True))


def _hints(kind: type) -> dict[str, Any]:
    return get_type_hints(kind)


@cache
def _encoder(kind: type) -> Coder:
    hints = _hints(kind)
    coders = [
        (each.name, each.default, _build(hints[each.name], _encoder, _ENCODERS))
        for each in fields(kind)
    ]

    def encode(value: Any) -> dict[str, Plain]:
        said = {}
        for name, default, coder in coders:
            part = getattr(value, name)
            if default is MISSING or part != default:
                said[name] = coder(part)
        return said

    return encode


@cache
def _decoder(kind: type) -> Coder:
    hints = _hints(kind)
    coders = {each.name: _build(hints[each.name], _decoder, _DECODERS) for each in fields(kind)}

    def decode(raw: Any) -> Any:
        return kind(**{name: coders[name](value) for name, value in raw.items()})

    return decode
