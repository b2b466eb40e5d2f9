"""One schedule: the real doors, streams, sweeps and replays, driven in an order that a seed draws.

Faults strike at every call. After each step the running promises are checked; in the end faults
stop, everything must converge in a bounded number of steps, and equal the truth.
"""

import json
import random
from base64 import b64decode, b64encode
from collections import Counter
from collections.abc import Callable, Mapping
from contextlib import ExitStack, redirect_stdout
from dataclasses import dataclass, field
from datetime import timedelta
from hashlib import sha256
from io import StringIO
from typing import Any
from unittest.mock import patch

import functions.streams.alarms.handler as alarms
import functions.streams.attribution.handler as attribution
import functions.streams.projection.handler as projection
from tests.pure.registers import Shelf
from vouchsafe.edge import (
    alarms_table,
    clock,
    credits_table,
    insight_table,
    redemptions_table,
)
from vouchsafe.flow.replay import replay
from vouchsafe.flow.sweep import sweep
from vouchsafe.flow.webhook import webhook
from vouchsafe.pure.business_day import DayRule
from vouchsafe.pure.credit import bare, recount
from vouchsafe.pure.facts import OrderKey
from vouchsafe.pure.redemption import Redemption
from vouchsafe.pure.register import Account

from .clouds import Cloud, s3_notice
from .dynamo import Change, record
from .faults import Crash, Faults
from .model import Story, Truth
from .seed import Options
from .till import ACCOUNT, OPENING, PLATFORM, Till, document, read, read_document, verify

_SENDER_TRIES = 3
_LONGEST = 3000
POISON = b'{"id": "poison"'


class Broken(AssertionError):
    """A promise does not hold."""


def need(promise: str, holds: bool) -> None:
    """Raises Broken with the promise's words."""
    if not holds:
        raise Broken(promise)


@dataclass(slots=True)
class _Post:
    """A delivery that the sender has to bring, and how often it will still try."""

    body: bytes
    order_id: str
    version: int
    tries: int = _SENDER_TRIES


@dataclass(slots=True)
class _Reader:
    """A consumer of one shard of a table's stream."""

    name: str
    table: str
    shard: int
    handle: Callable[[Mapping[str, Any], object], Mapping[str, Any]]
    images: bool
    read: int = 0


@dataclass
class Result:
    """What a schedule came to. The trace's hash is equal for equal seeds."""

    trace: str
    steps: int
    faults: int
    calls: int


class _Context:
    def get_remaining_time_in_millis(self) -> int:
        return 10**6


@dataclass
class Simulation:
    """One seed's schedule. `run` raises Broken."""

    options: Options
    _trace: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._dice = random.Random(self.options.seed + 1)
        self._faults = Faults(random.Random(self.options.seed + 2), self.options.plan)
        self._cloud = Cloud(self._faults)
        self._now = OPENING + timedelta(days=40)
        self._posts: list[_Post] = []
        self._acknowledged: set[tuple[str, int]] = set()
        self._poisoned: set[bytes] = set()
        self._notified: set[str] = set()
        self._key = "first"
        till = Till(self.options.stories)
        self._door = webhook(PLATFORM, verify, read)
        self._sweep = sweep(PLATFORM, till.list_orders, read_document, 1000)
        self._replay = replay(PLATFORM, read, read_document)
        self._readers = [
            _Reader(name, table, shard, handle, images)
            for name, table, handle, images in (
                ("projection", "Facts", projection.handle, False),
                ("attribution", "Redemptions", attribution.handle, True),
                ("alarms", "Redemptions", alarms.handle, True),
                ("alarms", "Orders", alarms.handle, True),
            )
            for shard in range(self.options.shards)
        ]

    def run(self) -> Result:
        """Drives the schedule to its end and holds it against the truth."""
        with ExitStack() as stack:
            stack.enter_context(self._cloud.there())
            stack.enter_context(redirect_stdout(StringIO()))
            for target, name, value in self._stand_ins():
                stack.enter_context(patch.object(target, name, value))
            self._rotate_to("first")
            self._draw_posts()
            steps = self._troubled()
            calls = self._faults.calls
            steps += self._healed()
            self._judge()
        digest = sha256("\n".join(self._trace).encode()).hexdigest()
        return Result(trace=digest, steps=steps, faults=len(self._faults.made), calls=calls)

    def _stand_ins(self) -> list[tuple[object, str, object]]:
        import vouchsafe.flow.sweep as sweep_road

        days = DayRule()
        account = Account(platform=PLATFORM, account=ACCOUNT, currency="USD", days=days)
        shelf = Shelf(accounts={(PLATFORM, ACCOUNT): account})
        return [
            (clock, "now", lambda: self._now),
            (projection, "_register", shelf),
            (attribution, "_register", shelf),
            (alarms, "_register", shelf),
            (attribution, "sleep", lambda _: None),
            (sweep_road, "accounts_of", lambda _: [account]),
        ]

    # -- the trouble ---------------------------------------------------------------------------

    def _draw_posts(self) -> None:
        for story in self.options.stories:
            for version in range(len(story.stages)):
                if self._dice.random() < self.options.lost:
                    continue
                post = document(story, version)
                for _ in range(self._dice.randint(1, self.options.copies)):
                    self._posts.append(_Post(post, story.order_id, version))
        for number in range(self.options.poison):
            self._posts.append(_Post(POISON + str(number).encode(), "", -1))
        self._dice.shuffle(self._posts)
        if self.options.outage:
            del self._posts[: len(self._posts) // 2]

    def _troubled(self) -> int:
        """Deliveries, streams and replays in any order, until nothing is left to bring."""
        rewinds = self.options.rewinds
        for step in range(_LONGEST):
            if not self._posts and not self._behind():
                return step
            act = self._dice.random()
            if self._posts and act < 0.5:
                self._post(self._posts.pop(self._dice.randrange(len(self._posts))))
            elif act < 0.9:
                self._poll(self._dice.choice(self._readers))
            elif act < 0.95:
                self._drive_parked()
            elif rewinds:
                rewinds -= 1
                reader = self._dice.choice(self._readers)
                reader.read = self._dice.randint(0, reader.read)
            self._pass_time()
            self._check_running()
        raise Broken("the schedule comes to an end")

    def _healed(self) -> int:
        """Faults stop: the sweep finds what was lost, and all must converge."""
        self._faults.on = False
        for name in ("sweep", "sweep"):
            message = json.dumps({"account": ACCOUNT})
            answer = self._sweep(_queued(message), _Context())
            need(f"the {name} succeeds without faults", not answer["batchItemFailures"])
            self._now += timedelta(hours=1)
        for step in range(_LONGEST):
            self._drive_parked()
            behind = self._behind()
            if not behind:
                return step
            self._poll(behind[0])
        raise Broken("without faults everything converges")

    def _pass_time(self) -> None:
        days = self._dice.choice((0, 0, 0, 1 / 24, 1, 30))
        self._now += timedelta(days=days)
        if self.options.rotation and self._dice.random() < 0.05:
            self._rotate_to("second")

    def _rotate_to(self, key: str) -> None:
        from vouchsafe.edge import secrets

        self._key = key
        keys = ["second", "first"] if key == "second" else ["first"]
        self._cloud.secrets = {
            "vouchsafe/identity": "identity key",
            f"vouchsafe/{PLATFORM}/{ACCOUNT}": json.dumps({"signing_keys": keys}),
        }
        secrets.forget()

    def _post(self, post: _Post) -> None:
        event = {
            "headers": {"X-Signature": self._key},
            "pathParameters": {"account": ACCOUNT},
            "body": post.body.decode(),
        }
        status = self._called(lambda: self._door(event, None)["statusCode"])
        self._trace.append(f"post {post.order_id} {post.version} {status}")
        if status == 200:
            self._acknowledge(post)
            return
        post.tries -= 1
        if post.tries:
            self._posts.append(post)

    def _acknowledge(self, post: _Post) -> None:
        if post.version < 0:
            self._poisoned.add(post.body)
            return
        self._acknowledged.add((post.order_id, post.version))
        need(
            "a 2xx means recorded or parked",
            post.version in self._versions(post.order_id) or self._is_parked(post.body),
        )

    def _called(self, invocation: Callable[[], Any]) -> Any:
        """An invocation's answer, None where it died or raised."""
        try:
            return invocation()
        except Crash:
            return None
        except Broken:
            raise
        except Exception as error:
            self._trace.append(f"raised {type(error).__name__}")
            return None

    def _poll(self, reader: _Reader) -> None:
        waiting = self._waiting(reader)[: self._dice.randint(1, self.options.batch)]
        if not waiting:
            return
        event = {"Records": [record(change, images=reader.images) for change in waiting]}
        answer = self._called(lambda: reader.handle(event, None))
        self._trace.append(f"{reader.name} {reader.shard} {len(waiting)} {answer}")
        if answer is None:
            return
        failed = {each["itemIdentifier"] for each in answer["batchItemFailures"]}
        sequences = [f"{change.sequence:020d}" for change in waiting]
        need("only records of the batch are reported", failed <= set(sequences))
        first = next((at for at, each in enumerate(sequences) if each in failed), len(waiting))
        if first:
            reader.read = waiting[first - 1].sequence

    def _waiting(self, reader: _Reader) -> list[Change]:
        return [
            change
            for change in self._cloud.dynamo.tables[reader.table].changes
            if change.sequence > reader.read
            and sum(change.key["pk"]["S"].encode()) % self.options.shards == reader.shard
        ]

    def _behind(self) -> list[_Reader]:
        return [reader for reader in self._readers if self._waiting(reader)]

    def _drive_parked(self) -> None:
        held = self._cloud.objects["vouchsafe-parked"]
        for key in [key for key in held if key.startswith("unavailable/")]:
            self._called(lambda key=key: self._replay(_queued(s3_notice(key)), None))

    # -- the promises --------------------------------------------------------------------------

    def _check_running(self) -> None:
        written = Counter(self._cloud.dynamo.tables["Facts"].written)
        need("no fact is written twice", all(count == 1 for count in written.values()))

    def _judge(self) -> None:
        self._check_running()
        truth = self._truth()
        found = self._rows()
        self._trace.append(str(sorted(found.items())))
        need("redemptions equal the truth", found == truth.rows)
        held = [each.credit for each in credits_table.all_credits()]
        names = {(each.key.text(), each.item_id) for each in held}
        rows = {(row.key.text(), row.item_id()) for row in redemptions_table.all_rows()}
        need("every redemption has one verdict", names == rows and len(held) == len(names))
        sums = dict(insight_table.all_rows())
        need("sums equal a recount", bare(sums) == bare(recount(held)))
        need("sums equal the truth", _code_sums(sums) == _true_sums(truth))
        self._judge_alarms(truth)
        self._judge_parked()

    def _judge_alarms(self, truth: Truth) -> None:
        """The register knows no code: every use is a breach, one alarm a code while it holds."""
        uses = Counter(
            code
            for (_, code, _), (state, off, _) in truth.rows.items()
            if state != "rolled_back" and off
        )
        unknown = [each for each in alarms_table.all_alarms() if each.rule == "code_not_found"]
        still = {each.code: each.orders for each in unknown if each.state == "open"}
        need("alarms stand for the uses that hold", still == dict(uses))
        told = [json.loads(each) for each in self._cloud.told]
        raised = {each["id"] for each in told if each["happening"] == "AlarmRaised"}
        quiet = [each for each in unknown if each.state == "open" and each.told is None]
        need("every open alarm was told", not quiet)
        need("an alarm is raised under one name", len(raised) >= len(still))

    def _judge_parked(self) -> None:
        """Poison waits for a person, each once; whoever heard a 2xx for it can rely on that."""
        parked = self._cloud.objects["vouchsafe-parked"]
        bodies = Counter(b64decode(json.loads(held)["body"]) for held in parked.values())
        poison = {POISON + str(at).encode() for at in range(self.options.poison)}
        need("nothing but poison stays parked", all(k.startswith("unreadable/") for k in parked))
        need("poison is parked once", all(count == 1 for count in bodies.values()))
        need("acknowledged poison is parked", self._poisoned <= set(bodies) <= poison)

    def _truth(self) -> Truth:
        """Every order must be there; of its history, what was acknowledged and the last stage."""
        truth = Truth()
        for story in self.options.stories:
            held = self._versions(story.order_id)
            last = len(story.stages) - 1
            told = {version for order, version in self._acknowledged if order == story.order_id}
            need("what was acknowledged is in the ledger", told <= held)
            need("the sweep has brought the order as it stands", last in held)
            need("nothing is in the ledger that was never said", held <= set(range(last + 1)))
            stages = tuple(story.stages[at] for at in sorted(held))
            truth.add(Story(story.order_id, stages, story.returned_units, story.person))
        return truth

    def _versions(self, order_id: str) -> set[int]:
        table = self._cloud.dynamo.tables["Facts"]
        key = OrderKey(platform=PLATFORM, account=ACCOUNT, order_id=order_id).text()
        names = [sk.split("#") for _, sk in table.parts.get(key, {})]
        said = Counter(tuple(name[:3]) for name in names)
        need("what was said once is held once", all(count == 1 for count in said.values()))
        return {int(version) for kind, _, version, _ in names if kind == "order"}

    def _is_parked(self, body: bytes) -> bool:
        text = b64encode(body).decode()
        return any(
            text in held.decode() for held in self._cloud.objects["vouchsafe-parked"].values()
        )

    def _rows(self) -> dict[tuple[str, str, int], tuple[str, int, int]]:
        return {
            (row.key.order_id, row.code, row.generation): (
                row.state,
                row.discount_minor,
                row.returned_minor,
            )
            for row in redemptions_table.all_rows()
            if isinstance(row, Redemption)
        }


def _queued(text: str) -> dict[str, Any]:
    """A batch of one message."""
    return {
        "Records": [
            {
                "messageId": "1",
                "receiptHandle": "1",
                "eventSourceARN": "arn:aws:sqs:eu-west-1:123456789012:queue",
                "attributes": {"ApproximateReceiveCount": "1"},
                "body": text,
            }
        ]
    }


_STATES = ("redeemed", "confirmed", "partially_returned", "rolled_back")


def _code_sums(sums: Mapping[Any, Mapping[str, int]]) -> dict[str, dict[str, int]]:
    """What the read model says of each code: redemptions by state, money of those that count."""
    found: dict[str, dict[str, int]] = {}
    for key, row in sums.items():
        kind, _, code = key.pk.partition("#")
        if kind == "code":
            said = found.setdefault(code, {})
            for name in (*_STATES, "discount_minor", "returned_minor"):
                said[name] = said.get(name, 0) + row.get(name, 0)
    return found


def _true_sums(truth: Truth) -> dict[str, dict[str, int]]:
    found: dict[str, dict[str, int]] = {}
    for (_, code, _), (state, off, back) in truth.rows.items():
        names = (*_STATES, "discount_minor", "returned_minor")
        said = found.setdefault(code, dict.fromkeys(names, 0))
        said[state] += 1
        if state in ("confirmed", "partially_returned"):
            said["discount_minor"] += off
            said["returned_minor"] += back
    return found
