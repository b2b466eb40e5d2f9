"""Calls of an API as API Gateway hands them over (HTTP API, payload format 2.0)."""

import json
from dataclasses import dataclass
from typing import Any

Handler = Any


@dataclass(frozen=True)
class Answered:
    """What came back."""

    status: int
    headers: dict[str, str]
    body: Any

    def version(self) -> str:
        """As If-Match wants it."""
        return self.headers["etag"]


def event(
    method: str,
    path: str,
    body: object = None,
    *,
    query: dict[str, str] | None = None,
    groups: str | None = None,
    subject: str = "ana",
    **headers: str,
) -> dict[str, Any]:
    """A call; `groups` signs a person in, such as `[editor]`. Header names with underscores."""
    said: dict[str, Any] = {
        "version": "2.0",
        "rawPath": path,
        "headers": {name.replace("_", "-"): text for name, text in headers.items()},
        "requestContext": {"http": {"method": method, "path": path}, "stage": "$default"},
        "isBase64Encoded": False,
    }
    if query:
        said["queryStringParameters"] = query
    if body is not None:
        said["body"] = body if isinstance(body, str) else json.dumps(body)
    if groups is not None:
        claims = {"sub": subject, "cognito:groups": groups, "username": subject}
        said["requestContext"]["authorizer"] = {"jwt": {"claims": claims}}
    return said


def answered(handler: Handler, told: dict[str, Any]) -> Answered:
    """The handler's answer to an event; a body that is JSON is read."""
    said = handler(told, None)
    body = said["body"] or None
    if body and "json" in said["headers"]["content-type"]:
        body = json.loads(body)
    return Answered(said["statusCode"], said["headers"], body)
