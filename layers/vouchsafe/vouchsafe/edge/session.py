"""One botocore session, and one lean client of each service, for the whole process."""

from functools import cache
from typing import Any

import botocore.session
from botocore.config import Config
from pynamodb.connection import Connection

from vouchsafe.edge.settings import optional

# reliability.md, rule 10: the sum of all attempts stays below the strictest sender's 5 seconds.
CONNECT_TIMEOUT_S = float(optional("SDK_CONNECT_TIMEOUT_S", "1"))
READ_TIMEOUT_S = float(optional("SDK_READ_TIMEOUT_S", "5"))
ATTEMPTS = int(optional("SDK_ATTEMPTS", "3"))

_session = botocore.session.get_session()


@cache
def client(service: str) -> Any:
    """The process's client of an AWS service, with this function's time limits."""
    config = Config(
        parameter_validation=False,
        connect_timeout=CONNECT_TIMEOUT_S,
        read_timeout=READ_TIMEOUT_S,
        retries={"total_max_attempts": ATTEMPTS, "mode": "standard"},
        # The SDK's own name is put together twice for each call: a quarter of a put (make bench).
        user_agent="vouchsafe",
    )
    return _session.create_client(service, config=config)


def ready(*services: str) -> None:
    """Makes clients now. Lambda lends a starting function a whole CPU, and afterwards as much as
    its memory pays for: the first request would wait four times as long for them."""
    for service in services:
        client(service)


# PynamoDB makes a client, and with it a TLS connection, for each table. One serves them all.
setattr(Connection, "client", property(lambda _: client("dynamodb")))  # noqa: B010 (typed as read-only)
