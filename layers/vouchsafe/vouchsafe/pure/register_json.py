"""A JSON document's objects one by one, each with the line that it begins on."""

import json
from collections.abc import Iterator

_BLANK = " \t\n\r"


def objects(text: str, named: str) -> Iterator[tuple[str, int, object]]:
    """(list's name, line, element) of an object of lists; a bare list is called `named`.

    An object comes as a tuple of pairs, so that a name that stands twice is seen. Numbers come as
    the text they were written as. Raises json.JSONDecodeError.
    """
    return _Walk(text).lists(named)


class _Walk:
    """Where in the text we are."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._at = 0
        self._line, self._counted = 1, 0
        self._decoder = json.JSONDecoder(
            parse_int=str, parse_float=str, parse_constant=str, object_pairs_hook=tuple
        )

    def lists(self, named: str) -> Iterator[tuple[str, int, object]]:
        if self._takes("["):
            yield from self._elements(named)
        else:
            self._expect("{")
            yield from self._named_lists()
        self._expect("")

    def _named_lists(self) -> Iterator[tuple[str, int, object]]:
        more = not self._takes("}")
        while more:
            name = self._value()
            self._expect(":")
            self._expect("[")
            yield from self._elements(str(name))
            more = self._takes(",")
            if not more:
                self._expect("}")

    def _elements(self, name: str) -> Iterator[tuple[str, int, object]]:
        more = not self._takes("]")
        while more:
            line = self._here()
            yield name, line, self._value()
            more = self._takes(",")
            if not more:
                self._expect("]")

    def _value(self) -> object:
        self._skip()
        value: object
        value, self._at = self._decoder.raw_decode(self._text, self._at)
        return value

    def _takes(self, sign: str) -> bool:
        self._skip()
        there = self._text.startswith(sign, self._at)
        self._at += len(sign) if there else 0
        return there

    def _expect(self, sign: str) -> None:
        """The sign, or the text's end for none."""
        self._skip()
        if sign and not self._takes(sign):
            raise json.JSONDecodeError(f"{sign} is expected", self._text, self._at)
        if not sign and self._at < len(self._text):
            raise json.JSONDecodeError("nothing more is expected", self._text, self._at)

    def _here(self) -> int:
        """The line that the next value begins on, counted onward from the last one asked for."""
        self._skip()
        self._line += self._text.count("\n", self._counted, self._at)
        self._counted = self._at
        return self._line

    def _skip(self) -> None:
        while self._at < len(self._text) and self._text[self._at] in _BLANK:
            self._at += 1
