"""Signing in to a stack's API as a person of its user pool, and where the API answers.

VOUCHSAFE_USER and VOUCHSAFE_PASSWORD say who, or a person is asked.
"""

import getpass
import json
import os
from typing import Any
from urllib.error import HTTPError
from urllib.request import Request, urlopen

import botocore.session
from botocore.exceptions import ClientError


class NotAnswered(Exception):
    """The API refused; the message is what it said."""


class Api:
    """The API of a stack, signed in to."""

    def __init__(self, outputs: dict[str, str]) -> None:
        self._url = address(outputs)
        self._token = token(outputs["PeopleClient"])

    def get(self, path: str) -> dict[str, Any]:
        """The JSON of an answer. Raises NotAnswered."""
        request = Request(  # noqa: S310 (the stack's own address)
            f"{self._url}{path}", headers={"Authorization": f"Bearer {self._token}"}
        )
        try:
            with urlopen(request, timeout=30) as answer:  # noqa: S310
                found = json.load(answer)
        except HTTPError as error:
            raise NotAnswered(f"the API answered {error.code}: {error.read().decode()}") from error
        assert isinstance(found, dict)  # noqa: S101
        return found


def address(outputs: dict[str, str]) -> str:
    """Where the API answers: on the local AWS by its path, since its host has no name there."""
    endpoint = os.environ.get("AWS_ENDPOINT_URL")
    local = f"{endpoint}/_aws/execute-api/{outputs['Api']}/$default"
    return local if endpoint else outputs["ApiUrl"].rstrip("/")


def token(client_id: str) -> str:
    """An access token, good for an hour. Raises NotAnswered."""
    user = os.environ.get("VOUCHSAFE_USER") or input("User: ")
    password = os.environ.get("VOUCHSAFE_PASSWORD") or getpass.getpass()
    client: Any = botocore.session.get_session().create_client("cognito-idp")
    try:
        answer = client.initiate_auth(
            ClientId=client_id,
            AuthFlow="USER_PASSWORD_AUTH",
            AuthParameters={"USERNAME": user, "PASSWORD": password},
        )
    except ClientError as error:
        raise NotAnswered(f"signing in: {error.response['Error']['Message']}") from error
    return str(answer["AuthenticationResult"]["AccessToken"])
