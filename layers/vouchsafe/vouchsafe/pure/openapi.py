"""The OpenAPI document of an API room, from its routes (OpenAPI 3.1.0, February 2021)."""

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Literal

from pydantic.json_schema import GenerateJsonSchema, models_json_schema

from vouchsafe.pure.asking import Route, Said
from vouchsafe.pure.problem import CONTENT_TYPE, TITLES

Who = Literal["person", "shop"]
_JSON = "application/json"
_REF = "#/components/schemas/{model}"
# Every route may answer these.
ALWAYS = (400, 401, 403, 429, 503)
_SCHEMES: Mapping[Who, Mapping[str, str]] = {
    "person": {
        "type": "http",
        "scheme": "bearer",
        "bearerFormat": "JWT",
        "description": "An access token of the stack's user pool.",
    },
    "shop": {
        "type": "http",
        "scheme": "bearer",
        "description": "An API key, as the control room made it: vk_...",
    },
}
_PROBLEM = {
    "type": "object",
    "description": "Problem details (RFC 9457).",
    "required": ["title", "status", "detail"],
    "properties": {
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "detail": {"type": "string"},
        "field": {"type": "string", "description": "What breaks the rule."},
        "rule": {"type": "string", "description": "The rule, for whoever can mend it."},
    },
}


def document(title: str, routes: Sequence[Route], who: Who) -> dict[str, Any]:
    """The whole document, in JSON's types."""
    return {
        "openapi": "3.1.0",
        "info": {"title": title, "version": "1"},
        "security": [{who: []}],
        "paths": _paths(routes),
        "components": {
            "securitySchemes": {who: dict(_SCHEMES[who])},
            "schemas": {"Problem": _PROBLEM, **_schemas(routes)},
        },
    }


def problems_of(route: Route) -> list[int]:
    """The refusals that a route may answer with."""
    found = {*ALWAYS, *route.problems}
    if route.asks:
        found.add(413)
    if route.is_keyed():
        found |= {409, 422}
    if "{" in route.path:
        found.add(404)
    return sorted(found)


def _paths(routes: Iterable[Route]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for route in routes:
        found.setdefault(route.path, {})[route.method.lower()] = _operation(route)
    return found


def _operation(route: Route) -> dict[str, Any]:
    said: dict[str, Any] = {
        "operationId": route.name,
        "summary": route.summary,
        "description": f"Needs the right to {route.right}.",
        "parameters": [*_in_path(route), *_in_query(route), *_in_headers(route)],
        "responses": {
            str(route.status): {
                "description": "Done.",
                **_answered(route),
            },
            **{
                str(status): {
                    "description": TITLES[status],
                    "content": _content(CONTENT_TYPE, "Problem"),
                }
                for status in problems_of(route)
            },
        },
    }
    if route.asks:
        body = _content(_JSON, route.asks.__name__)
        said["requestBody"] = {"required": True, "content": body}
    return said


def _answered(route: Route) -> dict[str, Any]:
    if route.says:
        return {"content": {route.says: {"schema": {"type": "string"}}}}
    return {"content": _content(_JSON, route.answers.__name__)} if route.answers else {}


def _in_path(route: Route) -> list[dict[str, Any]]:
    return [
        {"name": name, "in": "path", "required": True, "schema": {"type": "string"}}
        for name in re.findall(r"\{(\w+)\}", route.path)
    ]


def _in_query(route: Route) -> list[dict[str, Any]]:
    return [
        {"name": name, "in": "query", "description": means, "schema": {"type": "string"}}
        for name, means in route.query.items()
    ]


def _in_headers(route: Route) -> list[dict[str, Any]]:
    if route.is_keyed():
        means = "A repeat under the same key is answered as before, for 24 hours."
        return [_header("Idempotency-Key", means, {"type": "string", "maxLength": 255})]
    if route.method == "PUT":
        means = "The version that was seen, as ETag told it."
        return [_header("If-Match", means, {"type": "string"})]
    return []


def _header(name: str, means: str, schema: Mapping[str, object]) -> dict[str, Any]:
    return {"name": name, "in": "header", "description": means, "schema": dict(schema)}


def _content(kind: str, model: str) -> dict[str, Any]:
    return {kind: {"schema": {"$ref": _REF.format(model=model)}}}


def _schemas(routes: Iterable[Route]) -> dict[str, Any]:
    asked = {(route.asks, "validation") for route in routes if route.asks}
    told = {(route.answers, "serialization") for route in routes if route.answers}
    both: list[tuple[type[Said], Any]] = sorted(
        asked | told, key=lambda each: (each[0].__name__, each[1])
    )
    _, definitions = models_json_schema(both, ref_template=_REF, schema_generator=_AsAnswered)
    return dict(definitions.get("$defs", {}))


class _AsAnswered(GenerateJsonSchema):
    """What is null is left out of an answer."""

    def field_is_required(self, field: Any, total: bool) -> bool:
        is_left_out = self.mode == "serialization" and field["schema"]["type"] == "nullable"
        return super().field_is_required(field, total) and not is_left_out
