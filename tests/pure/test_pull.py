"""Is an answer what it should be, and one content one document?"""

import json

import pytest

from vouchsafe.pure.errors import Unavailable
from vouchsafe.pure.pull import document_of, json_of, object_of


def test_an_answer_is_its_json() -> None:
    assert json_of(b"[1]") == [1]
    assert object_of(b'{"a": 1}') == {"a": 1}


@pytest.mark.parametrize("body", [b"", b"<html>", b"[" * 100_000, b'{"a": "\xff"}'])
def test_what_is_no_json_may_go_better_later(body: bytes) -> None:
    with pytest.raises(Unavailable, match="the shop did not answer with JSON"):
        json_of(body, "the shop")


@pytest.mark.parametrize("body", [b"[]", b"null", b'"text"', b"7"])
def test_what_is_no_object_may_go_better_later(body: bytes) -> None:
    with pytest.raises(Unavailable, match="the vendor did not answer with an object"):
        object_of(body)


def test_one_content_is_one_document() -> None:
    one, other = {"id": 1, "name": "Café"}, {"name": "Café", "id": 1}

    assert document_of("order", one) == document_of("order", other)
    assert document_of("order", one).body == '{"id":1,"name":"Café"}'.encode()


def test_half_a_character_stops_nothing() -> None:
    told = json.loads('{"name": "half \\ud83d"}')

    assert document_of("order", told).body == b'{"name":"half ?"}'
