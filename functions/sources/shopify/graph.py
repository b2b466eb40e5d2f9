"""One question to Shopify's GraphQL, and what its errors mean for us."""

import json
from typing import Any

from vouchsafe.pure.connection import Connection
from vouchsafe.pure.errors import Refused, Throttled, Unavailable
from vouchsafe.pure.pull import Send

from .access import post
from .query import VERSION

Json = dict[str, Any]

_LEAST_PATIENCE_S = 1.0
# Errors that the next try may not meet.
_PASSING = frozenset({"INTERNAL_SERVER_ERROR", "TIMEOUT"})


class TooDear(Refused):
    """The query might cost more than the vendor allows for one."""


def ask(send: Send, connection: Connection, query: str, variables: Json) -> Any:
    """What the query's one field gives.

    Raises Throttled with the time that the vendor's bucket needs, Unavailable, and Refused.
    """
    asked = json.dumps({"query": query, "variables": variables}).encode()
    response = post(send, connection, f"/admin/api/{VERSION}/graphql.json", asked)
    try:
        told: Json = json.loads(response.body)
        if told.get("errors"):
            raise _refusal(told)
        (data,) = told["data"].values()
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise Unavailable("the vendor's answer is not a GraphQL answer") from error
    return data


def _refusal(told: Json) -> Exception:
    """What the errors of an answer mean for us. Messages are the vendor's and stay out."""
    first = told["errors"][0]
    code = first.get("extensions", {}).get("code", "without a code")
    if code == "THROTTLED":
        return Throttled("the vendor asks for patience", _patience_s(told))
    if code == "MAX_COST_EXCEEDED":
        return TooDear("the query is too dear")
    if code in _PASSING:
        return Unavailable(f"the vendor answered {code}")
    place = ".".join(str(step) for step in first.get("path", ()))
    return Refused(f"the vendor answered {code} for {place or 'the query'}", code=code)


def _patience_s(told: Json) -> float:
    """How long the bucket takes to fill up for the query."""
    cost = told.get("extensions", {}).get("cost", {})
    bucket = cost.get("throttleStatus", {})
    missing = cost.get("requestedQueryCost", 0) - bucket.get("currentlyAvailable", 0)
    rate = bucket.get("restoreRate", 0)
    return max(float(missing / rate), _LEAST_PATIENCE_S) if rate else _LEAST_PATIENCE_S
