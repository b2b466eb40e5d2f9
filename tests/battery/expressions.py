"""DynamoDB's condition, key and update expressions, evaluated as the service would.

Amazon DynamoDB Developer Guide, "Comparison operator and function reference" and "Update
expressions", read 2026-11. Only what is written here is known; anything else raises.
"""

import re
from collections.abc import Callable, Iterator, Mapping
from decimal import Decimal
from functools import lru_cache
from typing import Any

Attribute = dict[str, Any]
Item = dict[str, Attribute]
Lookup = Mapping[str, Any]
Condition = Callable[[Item, Lookup, Lookup], bool]

_TOKEN = re.compile(r"\s*(<>|<=|>=|[=<>(),+\-.]|[#:\w]+)")
_ORDER = {"<": (-1,), "<=": (-1, 0), ">": (1,), ">=": (0, 1)}


def holds(expression: str | None, item: Item, names: Lookup, values: Lookup) -> bool:
    """Whether the item meets the condition; no condition is met by all."""
    return expression is None or _condition(expression)(item, names, values)


def updated(expression: str, item: Item, names: Lookup, values: Lookup) -> Item:
    """The item as the update leaves it: SET, ADD and REMOVE of top-level attributes."""
    after = dict(item)
    for verb, clause in _clauses(expression):
        for part in clause.split(","):
            _VERBS[verb](after, item, part.strip(), names, values)
    return after


def number(attribute: Attribute) -> Decimal:
    """A number attribute's value."""
    return Decimal(attribute["N"])


def _clauses(expression: str) -> Iterator[tuple[str, str]]:
    found = re.split(r"\b(SET|ADD|REMOVE|DELETE)\b", expression)[1:]
    return zip(found[::2], (clause.strip() for clause in found[1::2]), strict=True)


def _set(after: Item, before: Item, part: str, names: Lookup, values: Lookup) -> None:
    name, _, formula = (each.strip() for each in part.partition("="))
    terms = re.split(r"\s*([+-])\s*", formula)
    result = _term(before, terms[0], names, values)
    for sign, term in zip(terms[1::2], terms[2::2], strict=True):
        more = number(_term(before, term, names, values))
        result = {"N": str(number(result) + (more if sign == "+" else -more))}
    after[names.get(name, name)] = result


def _add(after: Item, before: Item, part: str, names: Lookup, values: Lookup) -> None:
    name, value = part.split()
    name = names.get(name, name)
    held = number(before[name]) if name in before else Decimal(0)
    after[name] = {"N": str(held + number(values[value]))}


def _remove(after: Item, _before: Item, part: str, names: Lookup, _values: Lookup) -> None:
    after.pop(names.get(part, part), None)


_VERBS = {"SET": _set, "ADD": _add, "REMOVE": _remove}


def _term(item: Item, term: str, names: Lookup, values: Lookup) -> Attribute:
    found = values[term] if term.startswith(":") else item[names.get(term, term)]
    assert isinstance(found, dict)
    return found


@lru_cache(maxsize=4096)
def _condition(expression: str) -> Condition:
    parser = _Parser(_TOKEN.findall(expression))
    condition = parser.either()
    if parser.left():
        raise ValueError(f"expression not understood: {expression}")
    return condition


class _Parser:
    """Recursive descent: OR over AND over NOT over comparisons, functions and parentheses."""

    def __init__(self, tokens: list[str]) -> None:
        self._tokens = tokens
        self._at = 0

    def left(self) -> bool:
        """Whether tokens are left over."""
        return self._at < len(self._tokens)

    def either(self) -> Condition:
        """One of several conditions."""
        parts = [self._both()]
        while self._take("OR"):
            parts.append(self._both())
        return lambda *given: any(part(*given) for part in parts)

    def _both(self) -> Condition:
        parts = [self._negated()]
        while self._take("AND"):
            parts.append(self._negated())
        return lambda *given: all(part(*given) for part in parts)

    def _negated(self) -> Condition:
        if self._take("NOT"):
            inside = self._negated()
            return lambda *given: not inside(*given)
        if self._take("("):
            inside = self.either()
            self._need(")")
            return inside
        return self._plain()

    def _plain(self) -> Condition:
        word = self._next()
        if self._take("("):
            return self._function(word)
        sign = self._next()
        if sign == "BETWEEN":
            low = self._next()
            self._need("AND")
            high = self._next()
            return lambda *given: (
                _compared(word, ">=", low, *given) and _compared(word, "<=", high, *given)
            )
        other = self._next()
        return lambda *given: _compared(word, sign, other, *given)

    def _function(self, name: str) -> Condition:
        path = self._next()
        argument = self._next() if self._take(",") else ""
        self._need(")")
        if name == "attribute_not_exists":
            return lambda item, names, _values: names.get(path, path) not in item
        if name == "attribute_exists":
            return lambda item, names, _values: names.get(path, path) in item
        if name == "begins_with":
            return lambda item, names, values: (
                item.get(names.get(path, path), {}).get("S", "").startswith(values[argument]["S"])
            )
        raise ValueError(f"function not known: {name}")

    def _take(self, token: str) -> bool:
        if self.left() and self._tokens[self._at] == token:
            self._at += 1
            return True
        return False

    def _need(self, token: str) -> None:
        if not self._take(token):
            raise ValueError(f"{token} expected in {self._tokens}")

    def _next(self) -> str:
        self._at += 1
        return self._tokens[self._at - 1]


def _compared(left: str, sign: str, right: str, item: Item, names: Lookup, values: Lookup) -> bool:
    one, other = (_operand(each, item, names, values) for each in (left, right))
    if one is None or other is None:
        return sign == "<>" and one != other
    if sign in ("=", "<>"):
        return bool(one == other) == (sign == "=")
    if type(one) is not type(other):
        return False
    rank = (one > other) - (one < other)
    return rank in _ORDER[sign]


def _operand(word: str, item: Item, names: Lookup, values: Lookup) -> Any:
    attribute = values.get(word) if word.startswith(":") else item.get(names.get(word, word))
    if attribute is None:
        return None
    ((kind, value),) = attribute.items()
    return Decimal(value) if kind == "N" else (value if kind in ("S", "B") else (kind, str(value)))
