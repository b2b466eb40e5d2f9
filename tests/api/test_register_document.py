"""Does the room's document say what the room does, by the standard's own rules?"""

import json

from openapi_spec_validator import validate

from tests.api.rooms import ROUTES
from vouchsafe.pure.openapi import document


def test_the_document_is_the_standards_own_shape() -> None:
    said = document("register", ROUTES["register"], "person")

    validate(json.loads(json.dumps(said)))
    assert len(said["paths"]) > 15
    cell = said["components"]["schemas"]["RowsAsked"]["properties"]["codes"]["items"]
    assert cell["additionalProperties"] == {
        "anyOf": [{"type": "string"}, {"type": "number"}, {"type": "null"}]
    }


def test_every_body_that_is_asked_for_refuses_other_fields() -> None:
    for route in ROUTES["register"]:
        assert route.asks is None or route.asks.model_config["extra"] == "forbid"
