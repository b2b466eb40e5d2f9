"""What a shop's call costs at the desk, warm, and whether more codes make it dearer."""

import secrets as lots
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal
from functools import partial
from itertools import count
from unittest.mock import patch

from bench.disk import on_disk
from bench.figure import Effort, Figure, Section, at_most
from bench.meter import Meter
from bench.put import one_put
from bench.rounds import best
from bench.shop import Shop
from bench.wire import Wire, wired
from functions.api.validations import handler, verbs
from tests.api.calls import event
from tests.register.saying import loaded
from vouchsafe.edge import keys_table
from vouchsafe.edge.register_table import RegisterReader, now_at
from vouchsafe.pure.business_day import DayRule
from vouchsafe.pure.codes import canonical
from vouchsafe.pure.drawing import ALPHABET, draw, drawn_length
from vouchsafe.pure.register import Account, Benefit, Campaign, Code, LimitTerm, Promotion
from vouchsafe.pure.register_load import Change
from vouchsafe.pure.rights import SCOPES

# Calls of AWS that a verb cannot do without, with one code that nobody asked for before: misses of
# the session, what the order holds, the code, what is used; then the claim and its counters in one
# transaction; then the queue, which ends the hold; or the order for the ledger, read, kept, queued.
CALLS: Mapping[str, int] = {"validate": 4, "reserve": 6, "redeem": 8}
SIZES = (1, 100, 10_000, 1_000_000)
_PATTERN = "LETTER-{12}"
# A prime: codes that follow one another lie far apart, and none is asked for twice.
_STRIDE = 7_919
_DAYS = {"starts_on": date(2020, 1, 1), "ends_on": date(2126, 12, 31)}
_ACCOUNT = Account(platform="direct", account="webshop", currency="EUR", days=DayRule())
_CAMPAIGN = Campaign(
    campaign_id="LETTERS", name="Letters", purpose="win back", owner="eva", utm_source="",
    utm_medium="", utm_campaign="", **_DAYS,
)  # fmt: skip
_PROMOTION = Promotion(
    promotion_id="LETTERS-10", campaign_id="LETTERS", voucher_class="discount", owner="eva",
    purpose="win back", currency="EUR", benefit=Benefit(kind="percent", percent=Decimal(10)),
    limits=(LimitTerm(scope="code", period="ever", most=10**9),), **_DAYS,
)  # fmt: skip


def section(effort: Effort) -> Section:
    """A delivery of one call may cost 1.5 P, and each further call 1.05 P (performance goals, 8):
    so a verb that makes n calls may cost 1.5 + 1.05 (n - 1) P."""
    put_s = best({"P": one_put()}, effort.of(25, 2))["P"]
    rounds = effort.of(400, 5)
    sizes = [size for size in SIZES if size <= effort.of(SIZES[-1], SIZES[1])]
    with _open() as desk:
        costs = {}
        for at, size in enumerate(sizes):
            effort.tell(at, len(sizes) + 1)
            desk.holds(size)
            costs[size] = _best(desk.forgetful, "validate", rounds)
        verbs_found = {verb: _best(desk.usual, verb, rounds) for verb in CALLS}
        effort.tell(len(sizes), len(sizes) + 1)
    return Section(
        title="The shops' desk, warm",
        floor="P, one conditional put through botocore; for drawing, its characters drawn by"
        " secrets.choice",
        figures=(
            *(_of_verb(verb, cost, put_s) for verb, cost in verbs_found.items()),
            *_flat(costs),
            _drawn(effort.of(25, 2)),
        ),
        notes=(
            "CPU time without that of the tables in memory, the best call of many; each is of"
            " another order and another code, with a limit. The register lies on disk.",
            "Where more codes are to cost no more, the desk forgets the register before each call.",
            "To redeem reads the order's claims again when its own is written, to tell them all.",
        ),
    )


@dataclass(frozen=True, slots=True)
class Cost:
    """The best call's CPU seconds, and how often it called AWS."""

    cpu_s: float
    calls: int


class Desk:
    """The Lambda's entry over tables in memory, with a register that grows."""

    def __init__(self, meter: Meter, wire: Wire) -> None:
        self._meter, self._wire = meter, wire
        self._codes: list[str] = []
        self._orders = count()
        self._reader = RegisterReader()
        made = keys_table.drawn("web", SCOPES, "direct", "webshop", "bench", datetime.now(UTC))
        keys_table.keep(made)
        self._key = made.text
        loaded(_ACCOUNT, _CAMPAIGN, _PROMOTION)

    def holds(self, codes: int) -> None:
        """Lays codes into the register until there are so many."""
        items = self._meter.tables["Register"].items
        for at in range(len(self._codes), codes):
            text = f"LETTER{at:08d}"
            code = Code(canonical=canonical(text), raw=text, promotions=("LETTERS-10",))
            change = Change.to(code, 1)
            place = now_at(change.key())
            said = {"pk": place[0], "sk": place[1], "body": change.body}
            numbers = {"revision": {"N": "1"}, "version": {"N": "1"}}
            items[place] = {name: {"S": each} for name, each in said.items()} | numbers
            self._codes.append(text)

    def usual(self, verb: str) -> Cost:
        """One call for another order and code, as they come."""
        return self._called(verb)

    def forgetful(self, verb: str) -> Cost:
        """The same by a desk that must look everything up."""
        self._reader.refresh()
        return self._called(verb)

    def _called(self, verb: str) -> Cost:
        told = self._event(verb)
        with patch.object(verbs, "_register", self._reader):
            calls, spent = self._wire.calls.total(), self._wire.spent_s
            began = time.thread_time()
            answer = handler.handle(told, None)
            took = time.thread_time() - began - (self._wire.spent_s - spent)
        assert '"outcome":"all"' in str(answer["body"]), answer
        return Cost(took, self._wire.calls.total() - calls)

    def _event(self, verb: str) -> dict[str, object]:
        number = next(self._orders)
        order = {
            "order_id": f"W{number}",
            "currency": "EUR",
            "lines": [{"line_id": "1", "gross_minor": 5000, "sku": "MUG"}],
        }
        code = self._codes[number * _STRIDE % len(self._codes)]
        body = {"codes": [code], "order": order, "session": "s1"}
        return event("POST", f"/vouchers/{verb}", body, authorization=f"Bearer {self._key}")


@contextmanager
def _open() -> Iterator[Desk]:
    meter = Meter()
    meter.tables["Register"] = on_disk(meter.tables["Register"])
    with wired(Shop(meter).answers) as wire:
        keys_table.forget()
        yield Desk(meter, wire)
        keys_table.forget()


def _best(call: Callable[[str], Cost], verb: str, rounds: int) -> Cost:
    return min((call(verb) for _ in range(rounds)), key=lambda each: each.cpu_s)


def _of_verb(verb: str, cost: Cost, put_s: float) -> Figure:
    detail = f"{cost.cpu_s * 1e6:.0f} us, {cost.calls} calls"
    most = 1.5 + 1.05 * (CALLS[verb] - 1)
    return at_most(verb, cost.cpu_s / put_s, round(most, 2), unit="P", detail=detail)


def _flat(costs: Mapping[int, Cost]) -> Iterator[Figure]:
    one = costs[SIZES[0]]
    for size, cost in costs.items():
        detail = f"{cost.cpu_s * 1e6:.0f} us, {cost.calls} calls"
        name = f"validate, codes in the register: {size:,}"
        yield at_most(name, cost.cpu_s / one.cpu_s, 1.1, unit="of one", detail=detail)


def _drawn(rounds: int) -> Figure:
    found = best(
        {
            "floor": lambda: [lots.choice(ALPHABET) for _ in range(drawn_length(_PATTERN))],
            "draw": partial(draw, _PATTERN, lots.choice),
        },
        rounds,
    )
    detail = f"{1 / found['draw']:,.0f} codes a second"
    return at_most("a code drawn", found["draw"] / found["floor"], 1.5, detail=detail)
