"""How we are connected to one account of a platform: kept as one secret, read as one value."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from vouchsafe.pure.errors import Invalid


@dataclass(frozen=True, slots=True, kw_only=True)
class Connection:
    """Keys and addresses of one account.

    `signing_keys` are accepted for webhooks, current first, previous after; none closes the door.
    `shop` is what the platform calls this account (shop domain, merchant id, site address).
    `notification_url` is the webhook's address as registered, for schemes that sign it.
    `api_url` and the tokens serve the vendor's API. `options` are the room's own switches.
    `access_token` is that of the running session, never a part of the secret: see flow/calling.
    """

    platform: str
    account: str
    signing_keys: tuple[str, ...] = field(default=(), repr=False)
    shop: str = ""
    notification_url: str = ""
    api_url: str = ""
    api_key: str = field(default="", repr=False)
    api_secret: str = field(default="", repr=False)
    options: Mapping[str, str] = field(default_factory=dict, repr=False)
    access_token: str = field(default="", repr=False)


def connection_from(platform: str, account: str, plain: object) -> Connection:
    """The connection that a secret's JSON describes. Raises Invalid with the field and the rule.

    Fields: signing_keys (list of text), shop, notification_url, api_url, api_key, api_secret,
    options (text by text). Absent ones are empty; unknown ones are refused, so that a misspelt
    key cannot silently leave a door closed or an option off.
    """
    if not isinstance(plain, dict):
        raise Invalid("connection", "must be a JSON object")
    known = {
        "signing_keys",
        "options",
        "shop",
        "notification_url",
        "api_url",
        "api_key",
        "api_secret",
    }
    for name in plain.keys() - known:
        raise Invalid(str(name), "is not a field of a connection")
    keys = plain.get("signing_keys", [])
    if not isinstance(keys, list) or not all(isinstance(key, str) for key in keys):
        raise Invalid("signing_keys", "must be a list of text")
    options = plain.get("options", {})
    if not isinstance(options, dict) or not all(isinstance(v, str) for v in options.values()):
        raise Invalid("options", "must be text by text")
    texts = {name: plain[name] for name in known - {"signing_keys", "options"} if name in plain}
    for name, value in texts.items():
        if not isinstance(value, str):
            raise Invalid(name, "must be text")
    return Connection(
        platform=platform,
        account=account,
        signing_keys=tuple(key for key in keys if key),
        options=options,
        **texts,
    )
