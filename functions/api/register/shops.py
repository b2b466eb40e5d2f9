"""Shops' keys: made, listed, ended; each with its deed in the audit log."""

from functools import partial

from vouchsafe.edge import audit_table, keys_table, register_table
from vouchsafe.edge.keys_table import Key
from vouchsafe.pure.asking import Call, Reply
from vouchsafe.pure.audit import Deed
from vouchsafe.pure.errors import Absent, Conflict, Invalid
from vouchsafe.pure.rights import SCOPES

from . import parameters
from .key_words import KeyAsked, KeysTold, KeyTold


def make(call: Call) -> Reply:
    """A key for one account of the register; its text is told this once only.

    Where the answer was lost nobody has the text: the same key gets another.
    """
    asked = call.asked(KeyAsked)
    known = {(each.platform, each.account) for each in register_table.all_accounts()}
    if (asked.platform, asked.account) not in known:
        raise Invalid("account", f"is not in the register: {asked.platform}/{asked.account}")
    made = keys_table.drawn(
        asked.name,
        frozenset(asked.scopes) & SCOPES,
        asked.platform,
        asked.account,
        call.caller.id,
        call.now,
        work_id=call.work_id,
    )
    before = _made_before(call)
    if before is None:
        audit_table.append(_deed(call, "key_made", made.key), partial(keys_table.put, made))
    else:
        again = partial(keys_table.draw_again, made)
        audit_table.append(_deed(call, "key_drawn_again", before), again)
    return Reply(body=_told(before or made.key, made.text), status=201)


def every(_call: Call) -> Reply:
    """All keys, the ended ones too; never their text."""
    return Reply(body=KeysTold(keys=[_told(each) for each in keys_table.all_keys()]))


def end(call: Call) -> Reply:
    """Nobody comes in by it any more, within half a minute; ended again it is as it was."""
    key = keys_table.get(parameters.name_asked(call, "key_id"))
    if key.revoked_at is None:
        revoked = partial(keys_table.revoke, key.key_id, call.now)
        try:
            audit_table.append(_deed(call, "key_ended", key), revoked)
        except Conflict:
            # Somebody else was faster, and it is ended all the same.
            return Reply(body=_told(keys_table.get(key.key_id)))
    return Reply(body=_told(keys_table.get(key.key_id)))


def _made_before(call: Call) -> Key | None:
    """The key that the call has made, which was cut short before its answer."""
    if not call.again:
        return None
    try:
        return keys_table.get(keys_table.id_of(call.work_id))
    except Absent:
        return None


def _deed(call: Call, what: str, key: Key) -> Deed:
    scopes = ", ".join(sorted(key.scopes))
    return Deed(
        who=call.caller.id,
        at=call.now,
        what=what,
        subjects=(f"key:{key.key_id}",),
        after=f"{key.name}: {scopes} for {key.platform}/{key.account}",
    )


def _told(key: Key, text: str | None = None) -> KeyTold:
    return KeyTold(
        key_id=key.key_id,
        name=key.name,
        scopes=tuple(sorted(key.scopes)),
        platform=key.platform,
        account=key.account,
        created_by=key.created_by,
        created_at=key.created_at,
        revoked_at=key.revoked_at,
        key=text,
    )
