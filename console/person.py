"""Makes a person of the control room, or gives other roles: `make person ARGS="a@x.org editor"`.

Roles are groups of the stack's user pool: viewer, editor, approver, admin. Speaks to Cognito with
your AWS credentials; the person gets a first password by mail, or the one of VOUCHSAFE_PASSWORD.
"""

import argparse
import os
import sys
from collections.abc import Sequence
from contextlib import suppress
from typing import Any

import botocore.session
from botocore.exceptions import ClientError

from console import stack
from vouchsafe.pure.rights import ROLES


def main(arguments: Sequence[str]) -> int:
    """0, or 1 where Cognito refused."""
    parser = argparse.ArgumentParser(prog="make person", description=__doc__)
    parser.add_argument("email")
    parser.add_argument("roles", nargs="*", choices=[*ROLES, []], metavar="role")
    asked = parser.parse_args(arguments)
    pool = stack.connected()["People"]
    client: Any = botocore.session.get_session().create_client("cognito-idp")
    try:
        _made(client, pool, asked.email)
        _grouped(client, pool, asked.email, asked.roles)
    except ClientError as error:
        print(f"{asked.email}: {error.response['Error']['Message']}", file=sys.stderr)
        return 1
    print(f"{asked.email}: {', '.join(asked.roles) or 'no role'}")
    return 0


def _made(client: Any, pool: str, email: str) -> None:
    """The person, with the given password where there is one."""
    password = os.environ.get("VOUCHSAFE_PASSWORD")
    quiet = {"MessageAction": "SUPPRESS", "TemporaryPassword": password} if password else {}
    attributes = [{"Name": "email", "Value": email}, {"Name": "email_verified", "Value": "true"}]
    try:
        client.admin_create_user(
            UserPoolId=pool, Username=email, UserAttributes=attributes, **quiet
        )
    except client.exceptions.UsernameExistsException:
        return
    if password:
        client.admin_set_user_password(
            UserPoolId=pool, Username=email, Password=password, Permanent=True
        )


def _grouped(client: Any, pool: str, email: str, roles: Sequence[str]) -> None:
    """Exactly those roles: others are taken away."""
    for role in ROLES:
        if role in roles:
            with suppress(client.exceptions.GroupExistsException):
                client.create_group(UserPoolId=pool, GroupName=role)
            client.admin_add_user_to_group(UserPoolId=pool, Username=email, GroupName=role)
        else:
            _taken_out(client, pool, email, role)


def _taken_out(client: Any, pool: str, email: str, role: str) -> None:
    with suppress(client.exceptions.ResourceNotFoundException):
        client.admin_remove_user_from_group(UserPoolId=pool, Username=email, GroupName=role)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
