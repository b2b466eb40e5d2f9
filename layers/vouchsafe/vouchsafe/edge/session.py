"""One botocore session for the whole process, and lean clients from it."""

from functools import cache
from typing import Any

import botocore.session
import pynamodb.connection.base as pynamodb_base
from botocore.config import Config

from vouchsafe.edge.settings import optional

# reliability.md, rule 10: the sum of all attempts stays below the strictest sender's 5 seconds.
CONNECT_TIMEOUT_S = float(optional("SDK_CONNECT_TIMEOUT_S", "1"))
READ_TIMEOUT_S = float(optional("SDK_READ_TIMEOUT_S", "5"))
ATTEMPTS = int(optional("SDK_ATTEMPTS", "3"))

_session = botocore.session.get_session()


def _one_session(*_: object, **__: object) -> botocore.session.Session:
    return _session


# PynamoDB makes a session for each model; parsing the endpoints again for each costs a fifth of a
# cold start (performance.md, 2.2). One session serves all.
setattr(pynamodb_base, "get_session", _one_session)  # noqa: B010 (not exported by name)


@cache
def client(service: str) -> Any:
    """The process's client of an AWS service, with this function's time limits."""
    config = Config(
        parameter_validation=False,
        connect_timeout=CONNECT_TIMEOUT_S,
        read_timeout=READ_TIMEOUT_S,
        retries={"total_max_attempts": ATTEMPTS, "mode": "standard"},
    )
    return _session.create_client(service, config=config)
