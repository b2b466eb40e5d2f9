"""Who calls an API: a person whom API Gateway has signed in, or a shop by its key."""

import re
from collections.abc import Mapping
from typing import Any

from vouchsafe.pure.errors import Forged
from vouchsafe.pure.rights import Caller, rights_of, roles_named


def person(event: Mapping[str, Any]) -> Caller:
    """By the claims of a token that API Gateway has checked. Raises Forged where there are none."""
    context = event.get("requestContext") or {}
    claims = ((context.get("authorizer") or {}).get("jwt") or {}).get("claims") or {}
    subject = claims.get("sub")
    if not subject:
        raise Forged("nobody is signed in")
    roles = roles_named(_groups(claims.get("cognito:groups")))
    name = str(claims.get("username") or claims.get("cognito:username") or subject)
    return Caller(id=f"person:{subject}", name=name, rights=rights_of(roles), roles=roles)


def shop(event: Mapping[str, Any]) -> Caller:
    """By the key in `Authorization: Bearer vk_..`. Raises Forged; Unavailable."""
    from vouchsafe.edge import keys_table  # only who is asked by shops has keys to look up

    headers = {name.lower(): value for name, value in (event.get("headers") or {}).items()}
    scheme, _, text = str(headers.get("authorization", "")).partition(" ")
    found = keys_table.caller(text.strip()) if scheme.lower() == "bearer" else None
    if found is None:
        raise Forged("no key, or none that is good")
    return found


def _groups(said: object) -> list[str]:
    """A list, or, as the HTTP API passes it on, the list's text: `[editor viewer]`."""
    if isinstance(said, list):
        return [str(each) for each in said]
    return re.findall(r"[\w-]+", str(said or ""))
