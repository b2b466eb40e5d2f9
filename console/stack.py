"""Which deployed stack a command speaks to: its outputs become the environment of the product.

`STACK_NAME` names it (default `vouchsafe`); region and credentials are those of the AWS SDK, as is
`AWS_ENDPOINT_URL`. Call `connect()` before anything of `vouchsafe.edge` is imported: its modules
read the names of their tables as they are imported.
"""

import os
import re
import sys
from typing import Any

import botocore.session
from botocore.exceptions import BotoCoreError, ClientError

DEFAULT_STACK = "vouchsafe"
_SUFFIXES = {"Table": "_TABLE", "Bucket": "_BUCKET", "Queue": "_QUEUE_URL"}
# A person waits longer than a till does.
_PATIENCE = {"SDK_CONNECT_TIMEOUT_S": "5", "SDK_READ_TIMEOUT_S": "20", "SDK_ATTEMPTS": "6"}


class NoStack(Exception):
    """The stack cannot be found; the message tells what to do about it."""


def connect() -> dict[str, str]:
    """Puts the stack's names into the environment; its outputs. Raises NoStack."""
    name = os.environ.get("STACK_NAME", "") or DEFAULT_STACK
    outputs = _outputs(name)
    os.environ["STACK_NAME"] = name
    os.environ.update(environment_of(outputs))
    for variable, value in _PATIENCE.items():
        os.environ.setdefault(variable, value)
    return outputs


def connected() -> dict[str, str]:
    """`connect`, for commands: ends the program with one sentence where there is no stack."""
    try:
        return connect()
    except NoStack as reason:
        print(reason, file=sys.stderr)
        raise SystemExit(2) from reason


def environment_of(outputs: dict[str, str]) -> dict[str, str]:
    """`RegisterTable` is REGISTER_TABLE, `ProjectionAgainQueue` PROJECTION_AGAIN_QUEUE_URL."""
    found = {}
    for output, value in outputs.items():
        for ending, suffix in _SUFFIXES.items():
            if output.endswith(ending):
                found[_upper(output.removesuffix(ending)) + suffix] = value
    if "Happenings" in outputs:
        found["HAPPENINGS_TOPIC_ARN"] = outputs["Happenings"]
    return found


def _outputs(name: str) -> dict[str, str]:
    try:
        client: Any = botocore.session.get_session().create_client("cloudformation")
        stacks = client.describe_stacks(StackName=name)["Stacks"]
    except (BotoCoreError, ClientError) as error:
        raise NoStack(
            f"The stack {name!r} cannot be asked for its tables: {error}\n"
            "STACK_NAME names the stack, AWS_DEFAULT_REGION and the AWS credentials tell where it"
            " is. For the local AWS of `make run` set AWS_ENDPOINT_URL too: it prints all four."
        ) from error
    return {each["OutputKey"]: each["OutputValue"] for each in stacks[0].get("Outputs", ())}


def _upper(camel: str) -> str:
    return re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", camel).upper()


def queue_of(platform: str, road: str) -> str:
    """The output that names a platform's queue: `LightspeedRetailSweepQueue`."""
    return "".join(part.capitalize() for part in (*platform.split("_"), road)) + "Queue"
