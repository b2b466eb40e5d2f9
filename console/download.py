"""Lists the reports and fetches one: `make download`, `make download ID=workbooks/...`.

Signs in as a person of the stack's user pool (VOUCHSAFE_USER and VOUCHSAFE_PASSWORD, or asked for)
and speaks to the API only, as any client of finance would.
"""

import argparse
import getpass
import json
import os
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any
from urllib.error import HTTPError
from urllib.parse import quote, urlencode
from urllib.request import Request, urlopen

import botocore.session
from botocore.exceptions import ClientError

from console import stack


class NotAnswered(Exception):
    """The API refused; the message is what it said."""


def main(arguments: Sequence[str]) -> int:
    """0 where it is listed or fetched; 1 where the sign-in or the report was refused."""
    parser = argparse.ArgumentParser(prog="make download", description=__doc__)
    parser.add_argument("id", nargs="?", help="a report's id, as the list shows it")
    parser.add_argument("--prefix", default="", help="list only what begins so")
    parser.add_argument("--to", type=Path, help="where to put it; its own name by default")
    asked = parser.parse_args(arguments)
    outputs = stack.connected()
    try:
        api = Api(outputs)
        return _fetched(api, asked.id, asked.to) if asked.id else _listed(api, asked.prefix)
    except NotAnswered as reason:
        print(reason, file=sys.stderr)
        return 1


class Api:
    """The reports API of a stack, signed in to."""

    def __init__(self, outputs: dict[str, str]) -> None:
        self._url = _address(outputs)
        self._token = _token(outputs["PeopleClient"])

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


def _address(outputs: dict[str, str]) -> str:
    """Where the API answers: on the local AWS by its path, since its host has no name there."""
    endpoint = os.environ.get("AWS_ENDPOINT_URL")
    local = f"{endpoint}/_aws/execute-api/{outputs['Api']}/$default"
    return local if endpoint else outputs["ApiUrl"].rstrip("/")


def _listed(api: Api, prefix: str) -> int:
    after: str | None = None
    while True:
        asked = {"prefix": prefix, "limit": "200"} | ({"after": after} if after else {})
        page = api.get(f"/reports?{urlencode(asked)}")
        for each in page["reports"]:
            print(f"{each['bytes']:>12,} {each['written_at']} {each['id']}")
        after = page["after"]
        if after is None:
            return 0


def _fetched(api: Api, report: str, to: Path | None) -> int:
    found = api.get(f"/reports/{quote(report)}")
    path = to or Path(Path(report).name)
    with urlopen(found["url"], timeout=120) as answer:  # noqa: S310 (the link just given)
        path.write_bytes(answer.read())
    print(f"{path} ({path.stat().st_size:,} bytes)")
    return 0


def _token(client_id: str) -> str:
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


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
