"""What the register keeps: each entry's key, and its text form and back."""

import json
from dataclasses import dataclass
from typing import NamedTuple

from vouchsafe.pure import codec
from vouchsafe.pure.codes import alias_key
from vouchsafe.pure.facts import joined
from vouchsafe.pure.register import Account, Campaign, Code, Location, Promotion, Segment


@dataclass(frozen=True, slots=True, kw_only=True)
class Alias:
    """What a till's discount stands for: a raw code. `alias` is as `codes.alias_key` folds it."""

    platform: str
    account: str
    alias: str
    code: str


Entry = Account | Location | Segment | Campaign | Promotion | Code | Alias

ACCOUNTS_SHELF = "account"
SEGMENTS_SHELF = "segment"


_KINDS: dict[str, type[Entry]] = {
    "account": Account,
    "location": Location,
    "segment": Segment,
    "campaign": Campaign,
    "promotion": Promotion,
    "code": Code,
    "alias": Alias,
}


class Key(NamedTuple):
    """Where an entry stands. Those of one `shelf` are listed together; `name` tells them apart.

    Both are `joined` parts already.
    """

    shelf: str
    name: str = ""

    def kind(self) -> str:
        """The kind of entry that stands there, in one word: `code`, `campaign`."""
        return self.shelf.partition("#")[0]


@dataclass(frozen=True, slots=True)
class Held:
    """An entry as it stands, and how often it has changed."""

    entry: Entry
    version: int


def locations_shelf(platform: str, account: str) -> str:
    """Where an account's locations stand."""
    return joined(("location", platform, account))


def account_key(platform: str, account: str) -> Key:
    return Key(ACCOUNTS_SHELF, joined((platform, account)))


def location_key(platform: str, account: str, location_id: str) -> Key:
    return Key(locations_shelf(platform, account), joined((location_id,)))


def segment_key(segment_id: str) -> Key:
    return Key(SEGMENTS_SHELF, joined((segment_id,)))


def campaign_key(campaign_id: str) -> Key:
    return Key(joined(("campaign", campaign_id)))


def promotion_key(promotion_id: str) -> Key:
    return Key(joined(("promotion", promotion_id)))


def code_key(canonical: str) -> Key:
    return Key(joined(("code", canonical)))


def alias_key_of(platform: str, account: str, alias: str) -> Key:
    """The key of a till discount, however its name is spelt there."""
    return Key(joined(("alias", platform, account, alias_key(alias))))


def key_of(entry: Entry) -> Key:
    """Where that entry stands."""
    match entry:
        case Account():
            return account_key(entry.platform, entry.account)
        case Location():
            return location_key(entry.platform, entry.account, entry.location_id)
        case Segment():
            return segment_key(entry.segment_id)
        case Campaign():
            return campaign_key(entry.campaign_id)
        case Promotion():
            return promotion_key(entry.promotion_id)
        case Code():
            return code_key(entry.canonical)
        case Alias():
            return alias_key_of(entry.platform, entry.account, entry.alias)


def text_of(entry: Entry) -> str:
    """The entry as JSON, the same text for equal entries; what is at its default is left out."""
    return json.dumps(
        codec.plain(entry),
        sort_keys=True,
        separators=(",", ":"),
        ensure_ascii=False,
    )


def entry_of(key: Key, text: str) -> Entry:
    """The entry that `text_of` wrote."""
    return codec.from_plain(_KINDS[key.kind()], json.loads(text))
