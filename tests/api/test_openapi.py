"""Does the document say what the room does, whole and by the standard's own rules?"""

import json

import pytest
from openapi_spec_validator import validate

from tests.api.calls import answered, event
from tests.api.test_serve import Lemon, Stall
from vouchsafe.flow.serve import serve
from vouchsafe.pure.asking import Route, Said
from vouchsafe.pure.openapi import document, problems_of


def route(**said: object) -> Route:
    default: dict[str, object] = {
        "method": "POST",
        "path": "/lemons/{lemon_id}/sell",
        "name": "sell",
        "summary": "Sells a lemon.",
        "right": "draft",
        "handle": Stall().sell,
        "asks": Lemon,
        "answers": Lemon,
        "status": 201,
    }
    return Route(**(default | said))  # type: ignore[arg-type]


def test_an_operation_says_bodies_parameters_and_refusals() -> None:
    said = document("Lemons", [route(query={"ripe": "only ripe ones"})], "shop")

    operation = said["paths"]["/lemons/{lemon_id}/sell"]["post"]
    assert [each["name"] for each in operation["parameters"]] == [
        "lemon_id",
        "ripe",
        "Idempotency-Key",
    ]
    assert set(operation["responses"]) == {
        *("201", "400", "401", "403", "404", "409", "413", "422", "429", "503"),
    }
    schema = said["components"]["schemas"]["Lemon"]
    assert schema["additionalProperties"] is False
    assert schema["required"] == ["name"]


def test_a_reading_route_answers_what_it_can() -> None:
    reading = route(method="GET", path="/lemons", asks=None, status=200)

    assert problems_of(reading) == [400, 401, 403, 429, 503]


class Basket(Said):
    """An answer with something that may not be there."""

    lemons: list[str]
    after: str | None


def test_what_is_left_out_of_an_answer_is_not_promised() -> None:
    said = document("Lemons", [route(answers=Basket)], "shop")

    assert said["components"]["schemas"]["Basket"]["required"] == ["lemons"]


def test_of_a_post_that_only_reads_nothing_is_kept_under_a_key() -> None:
    assert route().is_keyed()
    assert not route(right="read").is_keyed()


def test_it_is_the_standards_own_shape() -> None:
    said = document("Lemons", [route(), route(method="GET", name="look", asks=None)], "person")

    validate(json.loads(json.dumps(said)))


@pytest.mark.usefixtures("aws")
def test_the_room_tells_it_to_callers_alone() -> None:
    handler = serve("lemons", Stall().routes())
    path = "/lemons/openapi.json"

    assert answered(handler, event("GET", path)).status == 401
    told = answered(handler, event("GET", path, groups="[viewer]"))
    assert told.status == 200
    assert "/lemons/{lemon_id}" in told.body["paths"]
