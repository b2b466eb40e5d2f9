"""A shop, its tills and its clock, over the real table of uses in memory, where anything fails.

Whatever is asked, told, raced or cut off: counters are the recount of the claims, no counter is
below zero, nothing that was asked for lifts one above its limit, and no answered claim is lost.
"""

import json
import random
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack, contextmanager, redirect_stdout
from copy import deepcopy
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from io import StringIO
from typing import Any, Literal, TypeVar
from unittest.mock import patch

from botocore.exceptions import ClientError, ReadTimeoutError

from functions.api.validations import count
from tests.pure.registers import Shelf
from vouchsafe.edge import clock, redemptions_table, uses_table
from vouchsafe.pure.cart import Cart
from vouchsafe.pure.claim import Claim, Full, asked_for
from vouchsafe.pure.errors import Absent, Conflict, Unavailable
from vouchsafe.pure.facts import Line, OrderKey
from vouchsafe.pure.offer import Offer
from vouchsafe.pure.redemption import Redemption, State
from vouchsafe.pure.register import Code, LimitTerm, OnRollback, Promotion

from .clouds import Cloud
from .faults import Crash, Faults, Plan

T = TypeVar("T")
Trouble = Literal["none", "conflict", "throttled", "lost", "lost_answer", "crash", "crash_after"]
TROUBLES: tuple[Trouble, ...] = (
    "none",
    "conflict",
    "throttled",
    "lost",
    "lost_answer",
    "crash",
    "crash_after",
)
# Who asks for one of these can no longer rely on the claim, whatever is answered.
_ENDS = frozenset({"release", "roll_back"})
_ASKS = frozenset({"reserve", "redeem", "confirm"})
_TILLS = frozenset({"till", "till_told", "vanish"})
CODES = ("MA1L", "TW1N")
ORDERS = ("1", "2", "3")
PEOPLE = (("email:ann", "phone:1"), ("phone:1",), ())
OPENING = datetime(2026, 11, 20, 23, 30, tzinfo=UTC)
OFF = 200
# What an order brings in: the second one reaches the goal.
EARNED = 800


class Broken(AssertionError):
    """A promise does not hold."""


def need(promise: str, holds: bool) -> None:
    """Raises Broken with the promise's words."""
    if not holds:
        raise Broken(promise)


@dataclass(slots=True)
class Spoil:
    """What happens at the next write: trouble, or somebody else who comes first."""

    trouble: Trouble = "none"
    at: int = 0
    first: Callable[[], None] | None = None


class Writes(Faults):
    """Lets everything pass, but for the write that is spoilt."""

    def __init__(self) -> None:
        super().__init__(random.Random(0), Plan())
        self.spoil = Spoil()
        self.writes: list[str] = []

    @contextmanager
    def calm(self) -> Iterator[None]:
        """The ledger is not ours to spoil here: its own battery does that."""
        kept, self.spoil = self.spoil, Spoil()
        yield
        self.spoil = kept

    def call(self, name: str, effect: Callable[[], T]) -> T:
        if not name.startswith(("TransactWriteItems", "PutItem")):
            return effect()
        self.writes.append(name)
        if self.spoil.at > 0:
            self.spoil.at -= 1
            return effect()
        spoil, self.spoil = self.spoil, Spoil()
        if spoil.first is not None:
            spoil.first()
        return _spoilt(spoil.trouble, effect)


def _spoilt(trouble: Trouble, effect: Callable[[], T]) -> T:
    if trouble == "crash":
        raise Crash
    if trouble == "lost":
        raise ReadTimeoutError(endpoint_url="lost")
    if trouble == "throttled":
        code = "ProvisionedThroughputExceededException"
        raise ClientError({"Error": {"Code": code}}, "TransactWriteItems")
    if trouble == "conflict":
        reasons = [{"Code": "None"}, {"Code": "TransactionConflict"}]
        answer = {"Error": {"Code": "TransactionCanceledException"}, "CancellationReasons": reasons}
        raise ClientError(answer, "TransactWriteItems")  # type: ignore[arg-type]
    answer_ = effect()
    if trouble == "lost_answer":
        raise ReadTimeoutError(endpoint_url="lost")
    if trouble == "crash_after":
        raise Crash
    return answer_


class World:
    """Shop, tills and queue. Every act may be spoilt; all promises are looked at after it."""

    def __init__(self, policy: OnRollback = "restore", most: int = 4) -> None:
        self.now = OPENING
        self.terms = _promotion(policy, most)
        self._writes = Writes()
        self._cloud = Cloud(self._writes)
        self._answered: set[tuple[str, str]] = set()
        # Where the shop spoke after the till: its later word stands until the till says more.
        self._later: set[tuple[str, str]] = set()
        self._messages: list[str] = []
        # Of what the queue still has to tell; and how often the ledger changed its word on it.
        self._pending: set[tuple[str, str]] = set()
        self._words: Counter[tuple[str, str]] = Counter()
        self._facts = 0
        self._seen: set[tuple[str, str, int]] = set()
        self._forced = False
        self._stack = ExitStack()
        uses_table.forget()
        for context in (self._cloud.there(), redirect_stdout(StringIO()), *self._stand_ins()):
            self._stack.enter_context(context)

    def close(self) -> None:
        self._stack.close()
        uses_table.forget()

    def _stand_ins(self) -> Iterator[Any]:
        codes = {each: Code(canonical=each, raw=each, promotions=("P1",)) for each in CODES}
        shelf = Shelf(promotions={"P1": self.terms}, codes=codes)
        yield patch.object(clock, "now", lambda: self.now)
        yield patch.object(count, "_register", shelf)
        yield patch.object(uses_table, "sleep", lambda _: None)

    def act(self, name: str, order: str, code: str, **said: Any) -> None:
        """One act, spoilt as `spoil` says, and what must hold after it."""
        spoil: Spoil = said.pop("spoil", Spoil())
        before = uses_table.all_counters()
        self._forced = False
        self._writes.spoil = spoil
        full = self._tried(name, order, code, said)
        clean = self._writes.spoil.trouble == spoil.trouble == "none" and spoil.first is None
        self._writes.spoil = Spoil()
        if full is not None and clean:
            self._check_refusal(full)
        self.check(before)
        self._check_ledger()

    def intrude(self, name: str, order: str, code: str, **said: Any) -> Callable[[], None]:
        """The same act, for somebody who comes between a read and its write."""
        return lambda: self._intruded(name, order, code, said)

    def _intruded(self, name: str, order: str, code: str, said: dict[str, Any]) -> None:
        self._tried(name, order, code, said)

    def _tried(self, name: str, order: str, code: str, said: dict[str, Any]) -> Full | None:
        act: Callable[..., None] = getattr(self, f"_{name}")
        try:
            act(order, code, **said)
        except Full as full:
            return full
        except (Conflict, Absent, Unavailable, Crash):
            pass
        finally:
            if name in _ENDS:
                self._answered.discard((order, code))
            if name in _TILLS:
                self._later.discard((order, code))
            elif name in _ASKS:
                self._later.add((order, code))
        return None

    # -- what can happen -----------------------------------------------------------------------

    def _reserve(self, order: str, code: str) -> None:
        self._take(order, code, "reserved")

    def _redeem(self, order: str, code: str) -> None:
        self._take(order, code, "redeemed")

    def _take(self, order: str, code: str, state: Literal["reserved", "redeemed"]) -> None:
        asked = self._asked(order, code, state)
        taken = uses_table.take(asked, self.now)
        need("what was taken stands", taken.holds_a_use())
        if not _is_over(taken, self.now):
            self._answered.add((order, code))

    def _confirm(self, order: str, code: str) -> None:
        uses_table.move(_key(order), code, "confirmed", self.now)

    def _release(self, order: str, code: str) -> None:
        uses_table.move(_key(order), code, "released", self.now)

    def _roll_back(self, order: str, code: str) -> None:
        """The look at the ledger was asked for before, and comes a quarter of an hour later."""
        try:
            uses_table.move(_key(order), code, "rolled_back", self.now)
        finally:
            self._messages.append(json.dumps({"order": _key(order), "code": code}))
            self._pending.add((order, code))

    def _give_back(self, order: str, code: str, minor: int = 50) -> None:
        held = uses_table.get(_key(order), code)
        if held and held.returned_minor + minor < held.discount_minor:
            back = (("a", dict(held.returned).get("a", 0) + minor),)
            state: State = "partially_returned"
            uses_table.move(held.order, code, state, self.now, returned=back, version=held.version)

    def _expire(self, order: str, code: str) -> None:
        held = uses_table.get(_key(order), code)
        if held and _is_over(held, self.now):
            self._answered.discard((order, code))
        self._deliver_text(json.dumps({"expire": {"order": _key(order), "code": code}}))

    def _pass(self, _order: str, _code: str, minutes: int = 11) -> None:
        self.now += timedelta(minutes=minutes)
        over = [each for each in uses_table.all_claims() if _is_over(each, self.now)]
        self._answered -= {(each.order.rpartition("#")[2], each.code) for each in over}

    def _till(self, order: str, code: str, state: State = "redeemed", returned: int = 0) -> None:
        """A till says how an order stands; the stream tells of it some time."""
        self._facts += 1
        if state == "rolled_back":
            self._answered.discard((order, code))
        row = self._row(order, code, state, returned)
        with self._writes.calm():
            redemptions_table.put(row, 1)
        self._change_word(order, code)

    def _till_told(
        self, order: str, code: str, state: State = "redeemed", returned: int = 0
    ) -> None:
        """A till's word that is told at once."""
        self._till(order, code, state, returned)
        self._deliver_text(self._messages[-1])

    def _vanish(self, order: str, code: str) -> None:
        """The register no longer takes that discount for the code."""
        self._facts += 1
        item = f"redemption#{code}#000"
        with self._writes.calm():
            redemptions_table.take_out(_key(order), item, self._facts, 1)
        self._change_word(order, code)

    def _change_word(self, order: str, code: str) -> None:
        item = f"redemption#{code}#000"
        self._messages.append(json.dumps({"order": _key(order), "item": item}))
        self._pending.add((order, code))
        self._words[order, code] += 1

    def _deliver(self, order: str, code: str, which: int = 0) -> None:
        """Any message so far, be it delivered before; or one of that very use."""
        own = [each for each in self._messages if _name_in(json.loads(each)) == (order, code)]
        among = own if own and which % 2 else self._messages
        if among:
            text = among[which % len(among)]
            if not self._deliver_text(text):
                self._messages.append(text)

    def _deliver_text(self, text: str) -> bool:
        self._forced = True
        name = _name_in(json.loads(text))
        words = self._words[name]
        done = False
        try:
            done = not count.handle(_queued(text), None)["batchItemFailures"]
        finally:
            self._forget_ended(*name)
        if done and words == self._words[name]:
            self._pending.discard(name)
        return done

    def _forget_ended(self, order: str, code: str) -> None:
        """What the ledger no longer holds ends here too."""
        row = redemptions_table.get(_key(order or "?"), f"redemption#{code or '?'}#000")
        if not (isinstance(row, Redemption) and row.holds_a_use()):
            self._answered.discard((order, code))

    # -- what must hold ------------------------------------------------------------------------

    def check(self, before: dict[str, int]) -> None:
        """The promises that hold at any time."""
        claims = list(uses_table.all_claims())
        shown = uses_table.all_counters()
        table = self._cloud.dynamo.tables["Uses"]
        used = [int(item["used"]["N"]) for item in table.items.values() if "used" in item]
        need("no counter is below zero", all(each >= 0 for each in used))
        need("counters are the recount of the claims", shown == _sum(claims))
        if not self._forced:
            most = {each.counter: each.most for claim in claims for each in claim.limits}
            risen = {name for name, now in shown.items() if now > before.get(name, 0)}
            need("what is asked for stays within limits", all(shown[n] <= most[n] for n in risen))
            need("what has reached its goal is not taken", not self._late(before, shown, claims))
        self._seen = {(each.order, each.code, each.generation) for each in claims}
        standing = {
            (each.order.rpartition("#")[2], each.code) for each in claims if each.holds_a_use()
        }
        lost = sorted(self._answered - standing)
        need(f"no claim that was answered is lost: {lost}", not lost)
        signs = {key[1] for key in table.items if key[0].startswith("holds#")}
        holds = {_sign(each) for each in claims if each.state == "reserved"}
        need("every hold can be found, and nothing else", signs == holds)

    def _late(
        self, before: dict[str, int], shown: dict[str, int], claims: Iterable[Claim]
    ) -> set[tuple[str, str]]:
        """What was newly taken where the goal was reached before, and is still."""
        goal, name = self.terms.revenue_goal_minor or 0, "revenue_goal#P1#EUR"
        reached = min(before.get(name, 0), shown.get(name, 0)) >= goal
        found = {(each.order, each.code, each.generation) for each in claims}
        return {(order, code) for order, code, _ in found - self._seen} if reached else set()

    def _check_refusal(self, full: Full) -> None:
        over = [each for each in uses_table.all_claims() if _is_over(each, self.now)]
        free = _sum(over).get(full.limit.counter, 0)
        used = uses_table.all_counters().get(full.limit.counter, 0) - free
        if full.limit.counter.startswith("revenue_goal#"):
            need("who comes too late finds the goal reached", used >= full.limit.most)
        else:
            need("who is refused finds no room", used + full.limit.by > full.limit.most)

    def settle(self) -> None:
        """No more trouble: the tills' word counts, in whatever order and however often it comes."""
        kept = deepcopy(self._cloud.dynamo)
        self._settled(self._messages)
        one = self._sight()
        self._cloud.dynamo = deepcopy(kept)
        self._settled(self._messages[::-1])
        need("any order of messages ends the same", self._sight() == one)
        versions = [each.version for each in uses_table.all_claims()]
        self._settled(self._messages)
        need("repetition changes nothing", versions == [e.version for e in uses_table.all_claims()])
        self._check_ledger()
        self._end_holds()

    def _settled(self, messages: list[str]) -> None:
        for text in messages:
            before = uses_table.all_counters()
            need("without trouble every message is counted", self._deliver_text(text))
            self.check(before)

    def _sight(self) -> list[Claim]:
        found = [replace(each, version=0, generation=0) for each in uses_table.all_claims()]
        return sorted(found, key=lambda each: (each.order, each.code))

    def _check_ledger(self) -> None:
        """Where the queue has nothing left to tell, claims agree with the ledger."""
        for row in redemptions_table.all_rows():
            if not isinstance(row, Redemption) or (row.key.order_id, row.code) in self._pending:
                continue
            held = uses_table.get(row.key.text(), row.code)
            if row.holds_a_use():
                need("what the ledger counts is counted", held is not None and held.holds_a_use())
            elif held is None or held.state == "reserved":
                continue
            elif (row.key.order_id, row.code) not in self._later:
                kept = self.terms.on_rollback == "keep"
                need("what the ledger ended has ended", not held.holds_a_use())
                need("and gives back by policy", not _counts(held) or kept)

    def _end_holds(self) -> None:
        self.now += timedelta(days=1)
        self._answered.clear()
        for each in list(uses_table.all_claims()):
            self.act("expire", each.order.rpartition("#")[2], each.code)
        need("every hold ends", all(e.state != "reserved" for e in uses_table.all_claims()))

    # -- what is said --------------------------------------------------------------------------

    def _asked(self, order: str, code: str, state: Literal["reserved", "redeemed"]) -> Claim:
        cart = Cart(
            platform="square",
            account="kew",
            location_id="river",
            order_id=order,
            currency="EUR",
            placed_at=self.now,
            lines=(Line(line_id="a", quantity=Decimal(1), gross_minor=1000),),
            customer=PEOPLE[int(order) - 1] or ("loyalty:0",),
        )
        offer = Offer(
            code=code,
            promotion_id="P1",
            terms_revision=1,
            discount_minor=OFF,
            allocation=(("a", OFF),),
        )
        known = Code(canonical=code, raw=code, promotions=("P1",))
        day = self.now.date()
        return asked_for(self.terms, known, cart, offer, day, self.now, state=state)

    def _row(self, order: str, code: str, state: State, returned: int) -> Redemption:
        return Redemption(
            key=OrderKey.of(_key(order)),
            code=code,
            code_raw=code,
            generation=0,
            state=state,
            currency="EUR",
            redeemed_at=OPENING,
            updated_at=self.now,
            received_at=OPENING,
            business_day=OPENING.date(),
            discount_minor=OFF,
            returned_minor=OFF if state == "rolled_back" else returned,
            revenue_minor=0 if state == "rolled_back" else EARNED - 4 * returned,
            facts_seen=self._facts,
            location_id="river",
            customer=PEOPLE[int(order) - 1],
            code_known=True,
        )


def _promotion(policy: OnRollback, most: int) -> Promotion:
    return Promotion(
        promotion_id="P1",
        campaign_id="mailing",
        starts_on=date(2026, 11, 1),
        ends_on=date(2026, 12, 30),
        voucher_class="discount",
        owner="mara",
        purpose="new guests",
        limits=(
            LimitTerm(scope="promotion", period="ever", most=most),
            LimitTerm(scope="code", period="ever", most=3),
            LimitTerm(scope="location", period="day", most=3),
            LimitTerm(scope="customer", period="week", most=2),
        ),
        budget_minor=700,
        revenue_goal_minor=EARNED + EARNED // 2,
        hold_minutes=10,
        on_rollback=policy,
    )


def _sum(claims: Iterable[Claim]) -> dict[str, int]:
    """What counters owe to claims, by the vocabulary's words and not by the product's code."""
    found: Counter[str] = Counter()
    for claim in claims:
        back = 0 if claim.on_rollback == "keep" else claim.returned_minor
        for limit in claim.limits if _counts(claim) else ():
            kind = limit.counter.partition("#")[0]
            if kind == "revenue_goal":
                earned = claim.state in ("confirmed", "partially_returned")
                found[limit.counter] += claim.revenue_minor if earned else 0
            else:
                found[limit.counter] += max(limit.by - back, 0) if kind == "budget" else 1
    return {name: used for name, used in found.items() if used}


def _counts(claim: Claim) -> bool:
    if claim.state in ("lapsed", "rolled_back"):
        return claim.on_rollback == "keep"
    return claim.state not in ("expired", "released")


def _is_over(claim: Claim, now: datetime) -> bool:
    return claim.state == "reserved" and claim.until is not None and claim.until <= now


def _key(order: str) -> str:
    return OrderKey(platform="square", account="kew", order_id=order).text()


def _name_in(body: dict[str, Any]) -> tuple[str, str]:
    """(order, code) that a message is about; of a hold's end neither."""
    code = body.get("code") or body.get("item", "##").split("#")[1]
    return body.get("order", "").rpartition("#")[2], code


def _sign(claim: Claim) -> str:
    assert claim.until is not None
    return f"{claim.until:%Y-%m-%dT%H:%M:%S}.000Z#{claim.order}#{claim.code}"


def _queued(text: str) -> dict[str, Any]:
    """A batch of one message."""
    return {
        "Records": [
            {
                "messageId": "1",
                "receiptHandle": "1",
                "eventSourceARN": "arn:aws:sqs:eu-west-1:123456789012:uses",
                "attributes": {"ApproximateReceiveCount": "1"},
                "body": text,
            }
        ]
    }
