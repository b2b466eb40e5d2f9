"""Bugs planted in the limits: each is one that some shop's tracker tells of (lessons.md 1-15)."""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from typing import Any

from pynamodb.transactions import TransactWrite

from functions.api.validations import count, ledger
from vouchsafe.edge import redemptions_table, uses_items, uses_table
from vouchsafe.edge.uses_items import Seen, UsesItem
from vouchsafe.pure import claim as claims
from vouchsafe.pure import claim_told
from vouchsafe.pure.claim import Claim
from vouchsafe.pure.errors import Unavailable
from vouchsafe.pure.limit import Limit
from vouchsafe.pure.redemption import HOLDS_A_USE

from .planted import Patches


def counters_without_a_condition() -> Patches:
    """The counter was read, and is added to (lesson 1)."""
    real = uses_items._count

    def blind(transaction: Any, after: Claim, counter: str, by: int, *, asked: bool) -> None:
        real(transaction, after, counter, by, asked=asked and by < 0)

    yield uses_items, "_count", blind


def a_refusal_that_nobody_reads() -> Patches:
    """The claim stands, whatever the counters said (lesson 6)."""
    yield claims, "first_full", lambda *_: None
    yield from counters_without_a_condition()


def a_use_for_every_request() -> Patches:
    """Who asks again is counted again (lesson 2)."""
    yield claims, "changes", lambda _, after: after.uses()


def counters_in_a_call_of_their_own() -> Patches:
    """The claim is durable, and then the counters move, if they do (lesson 5)."""
    real = uses_items.commit

    def apart(before: Any, after: Claim, moved: Any, fence: Any, *, asked: bool) -> None:
        real(before, after, {}, fence, asked=asked)
        for counter, by in moved.items():
            UsesItem(f"counter#{counter}", "used").update([UsesItem.used.add(by)])

    yield uses_items, "commit", apart


def a_claim_over_whatever_stands() -> Patches:
    """The claim is put without a look at its version (lesson 4)."""

    class Careless(TransactWrite):
        def save(self, model: Any, *_: Any, **__: Any) -> None:
            super().save(model)

    yield uses_items, "TransactWrite", Careless
    yield uses_items, "_put", lambda after, _: uses_items._item(after).save()


def gives_back_twice() -> Patches:
    """A rollback that is repeated gives back once more (lesson 14)."""
    real = claims.moved

    def again(held: Claim, state: Any, now: datetime, **rest: Any) -> Claim:
        found = real(held, state, now, **rest)
        return found if found is not held else replace(held, version=held.version + 1)

    yield claims, "moved", again
    moved = claims.changes

    def more(before: Claim | None, after: Claim) -> dict[str, int]:
        if before and before.state == after.state == "rolled_back":
            return {each.counter: -each.by for each in after.limits}
        return moved(before, after)

    yield claims, "changes", more


def keeps_what_ended() -> Patches:
    """A cancelled order's use is never given back (lesson 10)."""
    yield Claim, "counts", lambda self: self.state not in ("released", "expired")


def restores_what_is_kept() -> Patches:
    """A rollback gives back against the promotion's policy (lesson 10)."""
    yield Claim, "counts", lambda self: self.state in HOLDS_A_USE


def a_hold_that_blocks_its_owner() -> Patches:
    """The hold counts against its own order (lesson 12)."""
    real = claims.taken

    def afresh(held: Claim | None, asked: Claim, now: datetime) -> Claim:
        if held and held.state == "reserved":
            raise claims.Full(asked.limits[0])
        return real(held, asked, now)

    yield claims, "taken", afresh


def holds_that_never_end() -> Patches:
    """Nobody looks at the clock."""
    yield claims, "expired", lambda held, _: held


def a_hold_that_ends_early() -> Patches:
    """A hold is given back when its message comes, over or not."""
    yield Claim, "is_over", lambda self, _: self.state == "reserved"


def redeemed_holds_end_too() -> Patches:
    """The end of a hold takes the redemption with it."""
    yield (
        claims,
        "expired",
        lambda held, now: (
            claims.stepped(held, now, state="expired")
            if held.state in ("reserved", "redeemed") and held.taken_at < now
            else held
        ),
    )


def the_ledger_counts_for_itself() -> Patches:
    """What the shop asked for and the till tells of is two uses (lesson 2)."""
    real = claims.changes

    def twice(before: Claim | None, after: Claim) -> dict[str, int]:
        if before and not before.told and after.told:
            return after.uses()
        return real(before, after)

    yield claims, "changes", twice


def the_ledger_is_refused() -> Patches:
    """What a till honoured over the limit vanishes (lesson 6)."""
    real = uses_table._written

    def strict(*given: Any, **said: Any) -> Claim | None:
        return real(*given, **(said | {"asked": True}))

    yield uses_table, "_written", strict


def a_word_that_was_overtaken() -> Patches:
    """What the ledger said is written, though it says something else by now."""
    yield redemptions_table, "must_say", lambda transaction, *_: None


def messages_are_believed_in_their_order() -> Patches:
    """The last message wins, and not what the ledger says."""
    seen: dict[tuple[str, str], list[Any]] = {}
    real = ledger.said_of

    def delayed(order: str, code: str, held: Claim | None, register: Any) -> Any:
        said = seen.setdefault((order, code), [])
        said.append(real(order, code, held, register))
        return said[0] if len(said) % 2 else said[-1]

    yield count, "said_of", delayed


def a_rollback_is_final() -> Patches:
    """What the shop took back is never counted, though the till honoured it."""
    real = claim_told._taken_anew
    yield (
        claim_told,
        "_taken_anew",
        lambda held, said, now: (
            claims.stepped(held, now, told=said.mark)
            if held.state == "rolled_back"
            else real(held, said, now)
        ),
    )


def a_lost_answer_is_a_failure() -> Patches:
    """Nobody knows what happened, so it is done once more, under a new name."""
    real = uses_items.commit

    def doubtful(before: Any, after: Claim, moved: Any, fence: Any, *, asked: bool) -> None:
        try:
            real(before, after, moved, fence, asked=asked)
        except Unavailable:
            held = uses_items.get(after.order, after.code)
            version = held.version + 1 if held else 1
            real(held, replace(after, version=version), moved, fence, asked=asked)

    yield uses_items, "commit", doubtful


def budgets_never_get_money_back() -> Patches:
    """A return leaves the budget as it is, until everything came back at once."""
    real = uses_items.commit

    def stingy(before: Any, after: Claim, moved: Any, fence: Any, *, asked: bool) -> None:
        kept = {n: by for n, by in moved.items() if by > 0 or not n.startswith("budget")}
        real(before, after, kept, fence, asked=asked)

    yield uses_items, "commit", stingy


def below_zero() -> Patches:
    """Giving back asks nobody what is there."""
    real = uses_table._givable
    yield uses_items, "_count", _unasked(uses_items._count)
    yield (
        uses_table,
        "_givable",
        lambda moved, seen, known: {
            n: by * 2 if by < 0 else by for n, by in real(moved, seen, known).items()
        },
    )


def _unasked(real: Callable[..., None]) -> Callable[..., None]:
    def count(transaction: Any, after: Claim, counter: str, by: int, *, asked: bool) -> None:
        if by >= 0:
            real(transaction, after, counter, by, asked=asked)
            return
        item = UsesItem(f"counter#{counter}", "used")
        transaction.update(item, [UsesItem.used.add(by)], None, add_version_condition=False)

    return count


def refuses_from_memory() -> Patches:
    """A counter that was full once is full."""
    known: dict[str, int] = {}
    real = uses_items.read

    def remembered(order: str, code: str, counters: Any) -> Seen:
        found = real(order, code, counters)
        for name, used in found.used.items():
            known[name] = max(used, known.get(name, 0))
        return Seen(found.claim, {name: known[name] for name in found.used})

    yield uses_items, "read", remembered


def a_goal_that_stops_nobody() -> Patches:
    """What has earned what it was to earn goes on."""
    real = Limit.fullest

    def endless(limit: Limit, by: int) -> int | None:
        return None if limit.is_goal() else real(limit, by)

    yield Limit, "fullest", endless


def revenue_that_stays_after_a_rollback() -> Patches:
    """What was given back is counted as earned (lesson 28)."""
    real = Claim._of

    def kept(claim: Claim, limit: Limit) -> int:
        return claim.revenue_minor if limit.is_goal() else real(claim, limit)

    yield Claim, "_of", kept


PLANTED: tuple[Callable[[], Patches], ...] = (
    counters_without_a_condition,
    a_refusal_that_nobody_reads,
    a_use_for_every_request,
    counters_in_a_call_of_their_own,
    a_claim_over_whatever_stands,
    gives_back_twice,
    keeps_what_ended,
    restores_what_is_kept,
    a_hold_that_blocks_its_owner,
    holds_that_never_end,
    a_hold_that_ends_early,
    redeemed_holds_end_too,
    the_ledger_counts_for_itself,
    the_ledger_is_refused,
    a_word_that_was_overtaken,
    messages_are_believed_in_their_order,
    a_rollback_is_final,
    a_lost_answer_is_a_failure,
    budgets_never_get_money_back,
    below_zero,
    refuses_from_memory,
    a_goal_that_stops_nobody,
    revenue_that_stays_after_a_rollback,
)
