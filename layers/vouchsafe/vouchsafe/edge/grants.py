"""Sessions at vendors, each in a secret of its own beside the connection that the user keeps.

A vendor may sign us in a few times an hour only, and may give a token to refresh with that is good
for one time: so every Lambda of a platform shares the last grant, and the newest one wins.
"""

from datetime import datetime, timedelta

from botocore.exceptions import BotoCoreError, ClientError

from vouchsafe.edge.session import client
from vouchsafe.edge.settings import setting
from vouchsafe.pure import codec
from vouchsafe.pure.connection import Connection
from vouchsafe.pure.errors import Refused, Unavailable
from vouchsafe.pure.pull import Grant, Send, SignIn

_BEFORE_ITS_END = timedelta(seconds=60)
_TRIES = 3
_held: dict[str, Grant] = {}


def grant(connection: Connection, sign_in: SignIn, send: Send, now: datetime) -> Grant:
    """The running session of an account, else a new one. Raises Refused where the vendor does not
    let us in, Unavailable where that cannot be told now."""
    name = _name(connection)
    held = _held.get(name)
    if held is None or not _runs(held, now):
        held = _asked(name)
    if held is None or not _runs(held, now):
        held = _renewed(name, connection, sign_in, send, now, held)
    _held[name] = held
    return held


def drop(connection: Connection) -> None:
    """The vendor has ended the session: the next call signs in, with what there is to refresh."""
    name = _name(connection)
    ended = _held.pop(name, None) or _asked(name)
    if ended is not None and ended == _asked(name):
        _put(name, Grant(token="", expires_at=_LONG_AGO, refresh=ended.refresh))


def forget() -> None:
    """Drops what is kept in memory."""
    _held.clear()


_LONG_AGO = datetime.fromisoformat("2000-01-01T00:00:00+00:00")


def _renewed(
    name: str,
    connection: Connection,
    sign_in: SignIn,
    send: Send,
    now: datetime,
    last: Grant | None,
) -> Grant:
    """A new grant by the last one's refresh, else by what the connection itself holds: a person
    may have put new credentials there."""
    try:
        fresh = sign_in(send, connection, last, now)
    except Unavailable:
        raise
    except Refused:
        if last is None:
            raise
        # Another Lambda may have spent the same refresh a moment ago.
        other = _asked(name)
        if other is not None and other != last and _runs(other, now):
            return other
        fresh = sign_in(send, connection, None, now)
    _put(name, fresh)
    return fresh


def _runs(held: Grant, now: datetime) -> bool:
    return bool(held.token) and held.expires_at - _BEFORE_ITS_END > now


def _name(connection: Connection) -> str:
    return f"{setting('STACK_NAME')}/session/{connection.platform}/{connection.account}"


def _asked(name: str) -> Grant | None:
    try:
        text = client("secretsmanager").get_secret_value(SecretId=name)["SecretString"]
    except ClientError as error:
        if error.response["Error"]["Code"] == "ResourceNotFoundException":
            return None
        raise Unavailable("the session cannot be read now") from error
    except BotoCoreError as error:
        raise Unavailable("the session cannot be read now") from error
    return codec.loads(Grant, text)


def _put(name: str, fresh: Grant) -> None:
    """Tried thrice: a refresh that is good for one time is lost with the grant that holds it."""
    text = codec.dumps(fresh)
    for tries_left in reversed(range(_TRIES)):
        try:
            _put_once(name, text)
        except (ClientError, BotoCoreError) as error:
            if not tries_left:
                raise Unavailable("the session cannot be kept now") from error
        else:
            return


def _put_once(name: str, text: str) -> None:
    secretsmanager = client("secretsmanager")
    try:
        secretsmanager.put_secret_value(SecretId=name, SecretString=text)
    except ClientError as error:
        if error.response["Error"]["Code"] != "ResourceNotFoundException":
            raise
        secretsmanager.create_secret(Name=name, SecretString=text)
