"""Lambda: a promotion was switched -> its codes are switched at every account that can.

A happening becomes one message for each account, so that one which cannot be reached holds up no
other; such a message comes again by itself.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from itertools import islice
from typing import Any

from vouchsafe.edge import channels_table, clock, journal, queue, register_table
from vouchsafe.edge.queue import Message
from vouchsafe.edge.register_table import Snapshot
from vouchsafe.edge.settings import setting
from vouchsafe.flow.calling import caller
from vouchsafe.pure import happening as happenings
from vouchsafe.pure.channel import Found, Sought, State
from vouchsafe.pure.codes import alias_key
from vouchsafe.pure.connection import Connection
from vouchsafe.pure.errors import Forged, Invalid, Refused, Unavailable, VouchsafeError
from vouchsafe.pure.pull import Send
from vouchsafe.pure.register import Code, Promotion
from vouchsafe.pure.register_entries import Alias, code_key, promotion_key

from . import shopify, square, woocommerce
from .platform import ASKS_US, SAYS_SO, TELL_ONLY, Channel, by_hand
from .switch import Job, Switch

# Codes are looked up one by one; where a discount holds many, one of them is enough.
MOST_CODES = 200

_CHANNELS: Mapping[str, tuple[Callable[[Send, Connection], Channel], float]] = {
    "shopify": (shopify.Shop, shopify.CALLS_A_SECOND),
    "square": (square.Merchant, square.CALLS_A_SECOND),
    "woocommerce": (woocommerce.Site, woocommerce.CALLS_A_SECOND),
}

_WITHOUT_CODES = frozenset({"square"})


def handle(event: Mapping[str, Any], _context: object) -> queue.Answer:
    """Takes happenings, and its own messages: one of those for each account."""
    with journal.line("deliver", destination="channels") as line:

        def work(message: Message) -> bool:
            try:
                body = message.body()
                if "happening" in body:
                    _spread(message.text, line)
                else:
                    _at_account(body, line)
            except (VouchsafeError, KeyError, TypeError, ValueError) as reason:
                line.count("failed")
                line.note(reason=str(reason)[:200])
                _put_off(message, reason)
                return False
            return True

        return queue.each(event, work)


def _put_off(message: Message, reason: Exception) -> None:
    try:
        queue.put_off_after(message, reason)
    except VouchsafeError:
        return  # it comes again when its visibility ends


def _spread(text: str, line: journal.Line) -> None:
    """One message for each account where codes are honoured."""
    told = happenings.parse(text)
    promotion_id = str(told.subject["promotion_id"])
    codes = register_table.codes_of(promotion_id, register_table.snapshot())
    named = [each.canonical for each in islice(codes, MOST_CODES + 1)]
    body = {
        "promotion_id": promotion_id,
        "revision": told.subject["revision"],
        "happening_id": told.id,
        "codes": named[:MOST_CODES],
        "more": len(named) > MOST_CODES,
    }
    accounts = [each for each in register_table.all_accounts() if each.platform not in TELL_ONLY]
    where = [{"platform": each.platform, "account": each.account} for each in accounts]
    queue.send(setting("CHANNELS_QUEUE_URL"), [body | each for each in where])
    line.note(happening_id=told.id, accounts=len(where))


def _at_account(body: Mapping[str, Any], line: journal.Line) -> None:
    """Everything at one account. Raises Unavailable where it is to be tried again."""
    at = register_table.snapshot()
    base = _base(body, at)
    line.note(platform=base.platform, account=base.account, happening_id=base.happening_id)
    found: list[Found] = []
    try:
        for each in _found(body, base, at):
            found.append(each)  # noqa: PERF402 - what was done before a failure is kept
    except (Forged, Invalid, Refused) as reason:
        found.append(replace(base, state="not_reached", why=str(reason)))
    except Unavailable as reason:
        found.append(replace(base, state="not_reached", why=f"{reason}; tried again"))
        channels_table.keep(found)
        raise
    channels_table.keep(found)
    for each in found:
        line.count(each.state)
    if _status(base.promotion_id, register_table.snapshot()) != base.status:
        raise Unavailable("the promotion was switched meanwhile")


def _base(body: Mapping[str, Any], at: Snapshot) -> Found:
    return Found(
        promotion_id=body["promotion_id"],
        revision=int(body["revision"]),
        platform=body["platform"],
        account=body["account"],
        status=_status(body["promotion_id"], at),
        state="reached",
        at=clock.now(),
        happening_id=body["happening_id"],
    )


def _status(promotion_id: str, at: Snapshot) -> str:
    key = promotion_key(promotion_id)
    held = register_table.held([key], at).get(key)
    return held.entry.status if held and isinstance(held.entry, Promotion) else ""


def _found(body: Mapping[str, Any], base: Found, at: Snapshot) -> Iterator[Found]:
    """A row for each discount there, then the account's own."""
    if base.platform == ASKS_US:
        yield replace(base, why=SAYS_SO)
        return
    if base.platform not in _CHANNELS:
        yield replace(base, state="cannot", why=by_hand(base.platform))
        return
    channel_of, pace = _CHANNELS[base.platform]
    connection, send = caller(base.platform, pace, None)(base.account)
    job = Job(at=at, now=base.at, codes=tuple(body["codes"]), base=base)
    there = 0
    for each in Switch(job, channel_of(send, connection)).done(_soughts(job)):
        there += 1
        yield each
    yield _of_account(base, there, more=bool(body["more"]))


def _of_account(base: Found, there: int, *, more: bool) -> Found:
    state: State = "reached" if there else "not_found"
    why = f"of its codes {MOST_CODES} were looked up; the others may be there too" if more else ""
    return replace(base, state=state, why=why)


def _soughts(job: Job) -> Iterator[Sought]:
    """Each code as it is written; or all together, with the aliases of an account without codes."""
    held = register_table.held(map(code_key, job.codes), job.at).values()
    codes = sorted(each.entry.raw for each in held if isinstance(each.entry, Code))
    if job.base.platform not in _WITHOUT_CODES:
        yield from (Sought(codes=(each,), aliases={}) for each in codes)
        return
    aliases = {
        alias_key(each.alias): each.code
        for each in register_table.all_of("alias", job.at)
        if isinstance(each, Alias) and _is_of(each, job.base)
    }
    yield Sought(codes=tuple(codes), aliases=aliases)


def _is_of(alias: Alias, base: Found) -> bool:
    return (alias.platform, alias.account) == (base.platform, base.account)
