"""One local AWS for all end-to-end tests, with every role's rights enforced as AWS does."""

import json
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from local.aws import LocalAws
from vouchsafe.pure.rights import Role


@dataclass(frozen=True)
class Answer:
    """What came back over HTTP."""

    status: int
    body: bytes

    def said(self) -> dict[str, Any]:
        """The body of what was done."""
        assert self.status < 300, (self.status, self.body)
        found: dict[str, Any] = json.loads(self.body)
        return found


Call = Callable[..., Answer]
Person = Callable[[str, Role], str]

_PASSWORD = "Correct-Horse-14"
_MOST_PATIENCE_S = 120
# What the local AWS answers while a function's worker starts.
_NOT_YET, _MOST_REPEATS = (502, 503), 20


def soon(true: Callable[[], bool]) -> bool:
    """Whether it becomes true while somebody would still wait."""
    end = time.monotonic() + _MOST_PATIENCE_S
    while not true():
        if time.monotonic() > end:
            return False
        time.sleep(0.2)
    return True


@pytest.fixture(scope="session")
def aws(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LocalAws]:
    folder: Path = tmp_path_factory.mktemp("local-aws")
    with LocalAws(folder, enforce=True) as running:
        running.deploy()
        yield running


@pytest.fixture(scope="session")
def call(aws: LocalAws) -> Call:
    """Calls the HTTP API: method, path, body, headers."""

    def called(
        method: str, path: str, body: bytes | None = None, headers: Mapping[str, str] | None = None
    ) -> Answer:
        request = urllib.request.Request(
            f"{aws.api_url}{path}", body, dict(headers or {}), method=method
        )
        try:
            with urllib.request.urlopen(request, timeout=60) as answer:
                return Answer(answer.status, answer.read())
        except urllib.error.HTTPError as refusal:
            with refusal:
                return Answer(refusal.code, refusal.read())

    return called


@pytest.fixture(scope="session")
def person(aws: LocalAws) -> Person:
    """Makes a person of a role, and signs in: what the person shows."""

    def signed_in(name: str, role: Role) -> str:
        cognito, pool, email = aws.client("cognito-idp"), aws.outputs["People"], f"{name}@x.example"
        named = {"UserPoolId": pool, "Username": email}
        cognito.admin_create_user(**named, TemporaryPassword=_PASSWORD, MessageAction="SUPPRESS")
        cognito.admin_set_user_password(**named, Password=_PASSWORD, Permanent=True)
        with suppress(cognito.exceptions.GroupExistsException):
            cognito.create_group(UserPoolId=pool, GroupName=role)
        cognito.admin_add_user_to_group(**named, GroupName=role)
        answer = cognito.initiate_auth(
            ClientId=aws.outputs["PeopleClient"],
            AuthFlow="USER_PASSWORD_AUTH",
            AuthParameters={"USERNAME": email, "PASSWORD": _PASSWORD},
        )
        return str(answer["AuthenticationResult"]["IdToken"])

    return signed_in


@pytest.fixture(scope="session")
def ask(call: Call) -> Call:
    """Asks the API as a signed-in person, once more where a function is only starting: method,
    path, token, body."""

    def asked(method: str, path: str, token: str, body: object = None) -> Answer:
        headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/json"}
        sent = None if body is None else json.dumps(body).encode()
        answer = call(method, path, sent, headers)
        for _ in range(_MOST_REPEATS):
            if answer.status not in _NOT_YET:
                break
            time.sleep(0.5)
            answer = call(method, path, sent, headers)
        return answer

    return asked
