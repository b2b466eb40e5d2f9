"""Accounts, their places, and what a till's discounts stand for, as the register has them."""

from vouchsafe.edge import register_table
from vouchsafe.pure.asking import Call, Reply
from vouchsafe.pure.errors import Absent
from vouchsafe.pure.register_entries import (
    ACCOUNTS_SHELF,
    Alias,
    account_key,
    alias_key_of,
    locations_shelf,
)
from vouchsafe.pure.register_told import rows_of_entry

from . import parameters
from .account_words import AccountsTold, AccountTold, AliasTold
from .reading import Desk


def every(_call: Call) -> Reply:
    """All accounts."""
    at = register_table.snapshot()
    found = register_table.on_shelf(ACCOUNTS_SHELF, at)
    rows = [rows_of_entry(each)[1][0] for each in found]
    return Reply(body=AccountsTold(accounts=rows, register_revision=at.revision))


def one(call: Call) -> Reply:
    """An account with its places."""
    desk, (platform, account) = Desk(call), _named(call)
    key = account_key(platform, account)
    found = desk.entry(key)
    if found is None:
        raise Absent(f"account {platform}/{account}")
    places = register_table.on_shelf(locations_shelf(platform, account), desk.at)
    told = AccountTold(
        row=rows_of_entry(found)[1][0],
        locations=[rows_of_entry(each)[1][0] for each in places],
        history=desk.history(key),
        register_revision=desk.at.revision,
    )
    return Reply(body=told, version=desk.version(key))


def alias(call: Call) -> Reply:
    """What a till's discount stands for, however its name is spelt there."""
    desk, (platform, account) = Desk(call), _named(call)
    key = alias_key_of(platform, account, parameters.name_asked(call, "alias"))
    found = desk.entry(key)
    if not isinstance(found, Alias):
        raise Absent("such alias")
    told = AliasTold(
        row=rows_of_entry(found)[1][0],
        history=desk.history(key),
        register_revision=desk.at.revision,
    )
    return Reply(body=told, version=desk.version(key))


def _named(call: Call) -> tuple[str, str]:
    return parameters.name_asked(call, "platform"), parameters.name_asked(call, "account")
