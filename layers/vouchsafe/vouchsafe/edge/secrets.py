"""Secrets Manager: connections and the identity key, kept for five minutes."""

import json
import time

from botocore.exceptions import BotoCoreError, ClientError

from vouchsafe.edge.session import client
from vouchsafe.edge.settings import setting
from vouchsafe.pure.connection import Connection, connection_from
from vouchsafe.pure.errors import Forged, Invalid, Unavailable
from vouchsafe.pure.identity import Identify, identify_with

_LIFE_S = 300.0
_LIFE_OF_ABSENCE_S = 30.0
_MOST_KEPT = 1000
_kept: dict[str, tuple[float, str | None]] = {}


def connection(platform: str, account: str) -> Connection:
    """How we are connected to an account. Raises Forged where nothing is configured: an unset
    secret closes the door. Raises Unavailable, Invalid."""
    text = _secret(f"{platform}/{account}") if _plain_name(account) else None
    if text is None:
        raise Forged("no connection is configured")
    return connection_from(platform, account, _object(text))


def identify() -> Identify:
    """The function that turns people into identity keys. Raises Invalid where no key is set."""
    key = _secret("identity")
    if not key:
        raise Invalid("identity", "key must be set")
    return identify_with(key.encode())


def webhook_url(destination: str, account: str) -> str:
    """A destination's address that is itself the credential. Raises Invalid where it is not set."""
    text = _secret(f"{destination}/{account}")
    if not text:
        raise Invalid(f"{destination}/{account}", "must be configured")
    return text


def forget() -> None:
    """Drops what is kept, so that a rotated secret is read anew."""
    _kept.clear()


def _plain_name(account: str) -> bool:
    """Only slugs name accounts: nothing from a path may wander among the stack's secrets."""
    return 0 < len(account) <= 100 and all(char.isalnum() or char in "-_." for char in account)


def _object(text: str) -> object:
    try:
        return json.loads(text)
    except ValueError as error:
        raise Invalid("connection", "must be JSON") from error


def _secret(name: str) -> str | None:
    """The secret's text, None where there is none; absence is remembered briefly, so that a
    stranger who knocks at doors that do not exist costs one call each."""
    kept_at, value = _kept.get(name, (0.0, None))
    life = _LIFE_OF_ABSENCE_S if value is None else _LIFE_S
    if name in _kept and time.monotonic() - kept_at < life:
        return value
    if len(_kept) >= _MOST_KEPT:
        _kept.clear()
    value = _asked(name)
    _kept[name] = (time.monotonic(), value)
    return value


def _asked(name: str) -> str | None:
    secret_id = f"{setting('STACK_NAME')}/{name}"
    try:
        return str(client("secretsmanager").get_secret_value(SecretId=secret_id)["SecretString"])
    except ClientError as error:
        if error.response["Error"]["Code"] == "ResourceNotFoundException":
            return None
        raise Unavailable(f"secret {name} cannot be read now") from error
    except BotoCoreError as error:
        raise Unavailable(f"secret {name} cannot be read now") from error
