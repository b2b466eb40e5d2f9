"""Lambda: changed redemptions and new touchpoints -> credits, and the sums that follow from them.

A record only names what changed: an order is judged as it stands now, in reads that come after
that of its credits. So an old image, a repeat or another order of records cannot do harm.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from itertools import islice
from time import sleep
from typing import Any

from functions.streams.attribution import gather
from functions.streams.attribution.gather import Known, Named
from functions.streams.attribution.match import Publications, Row, Told, match
from vouchsafe.edge import (
    credits_table,
    journal,
    parking,
    redemptions_table,
    session,
    touchpoints_table,
)
from vouchsafe.edge.credits_table import Held, Move
from vouchsafe.edge.register_table import RegisterReader
from vouchsafe.flow.stream import Answer, Record, keys_of, sequence_of
from vouchsafe.pure.credit import Credit
from vouchsafe.pure.errors import Unavailable
from vouchsafe.pure.register import Register

CONSUMER = "attribution"
ROUNDS = 4  # how often an order is judged again that another writer was faster with
PAUSE_S = 0.05
MOST_OUTAGES = 2  # after so many the rest of the batch goes back at once: the time limit is near
MOST_REDEMPTIONS = 200  # of one person, after a touchpoint: a till's own card is no person
_FOR_EVER = "9999"

_register = RegisterReader()
session.ready("dynamodb")


def handle(event: Mapping[str, Any], _context: object) -> Answer:
    """Takes records of the Redemptions and the Touchpoints stream."""
    with journal.line(CONSUMER, consumer=CONSUMER) as line:
        batch = _Batch(line)
        for record in event["Records"]:
            batch.take(record)
        batch.settle()
        return {"batchItemFailures": [{"itemIdentifier": each} for each in batch.again]}


class _Batch:
    """What a batch of records asks for, order by order, and which records must come again."""

    def __init__(self, line: journal.Line) -> None:
        self.again: list[str] = []
        self._line = line
        self._records: dict[str, list[Record]] = {}
        self._seen: dict[str, list[Record]] = {}
        self._named: Named = {}
        # Orders named by a record of their own. A touchpoint may be ahead of it: while that record
        # is being judged elsewhere, maybe without this touchpoint, whoever is faster has the
        # other judge again.
        self._own: set[str] = set()
        self._revision = 0
        self._outages = 0

    def take(self, record: Record) -> None:
        """Notes what the record concerns: an order, or a person."""
        self._line.count("records")
        try:
            pk, sk = keys_of(record)
            if sk.startswith(("redemption#", "unmapped#")):
                self._take_redemption(pk, sk, record)
            elif not touchpoints_table.is_marker(pk):
                self._seen.setdefault(pk, []).append(record)
        except Exception as error:
            self._park([record], error)

    def settle(self) -> None:
        """Judges the orders and moves their credits; what races is judged again."""
        for customer, records in self._seen.items():
            self._take_touchpoints(customer, records)
        orders: Sequence[str] = list(self._records)
        for attempt in range(ROUNDS):
            if attempt:
                self._line.count("raced", len(orders))
                sleep(PAUSE_S * 2**attempt)
            orders = self._round(orders)
            if not orders:
                return
        for order in orders:
            self._bring_again(self._records[order], Unavailable("another writer was faster"))

    def _take_redemption(self, order: str, item_id: str, record: Record) -> None:
        image = record["dynamodb"].get("NewImage", {})
        revision = image.get("register_revision", {}).get("N", "0")
        self._revision = max(self._revision, int(revision))
        self._own.add(order)
        self._note(order, item_id, [record])

    def _take_touchpoints(self, customer: str, records: Sequence[Record]) -> None:
        """A person's redemptions after the first of some touchpoints are to be judged again."""
        since = min(keys_of(record)[1].partition("#")[0] for record in records)
        try:
            later = redemptions_table.of_customer(customer, since, _FOR_EVER)
            for order, item_id in islice(later, MOST_REDEMPTIONS):
                self._note(order, item_id, records)
        except Unavailable as reason:
            self._bring_again(records, reason)
        except Exception as error:
            self._park(records, error)

    def _note(self, order: str, item_id: str, records: Sequence[Record]) -> None:
        self._named.setdefault(order, {})[item_id] = None
        noted = self._records.setdefault(order, [])
        noted += [record for record in records if record not in noted]

    def _round(self, orders: Sequence[str]) -> list[str]:
        """The orders that another writer was faster with."""
        known = self._known(orders)
        moves = [move for order in orders for move in self._judged(order, known.get(order))]
        raced: dict[str, None] = {}
        for pack in credits_table.packs(moves):
            raced |= dict.fromkeys(self._committed(pack))
        return list(raced)

    def _known(self, orders: Sequence[str]) -> dict[str, Known]:
        """What a few calls tell; one broken item leaves the orders to be read one by one."""
        try:
            return gather.known({order: self._named[order] for order in orders})
        except Unavailable:
            self._outages += 1
        except Exception as error:
            self._line.note(unread=repr(error)[:200])
        return {}

    def _judged(self, order: str, known: Known | None) -> list[Move]:
        if self._outages >= MOST_OUTAGES:
            self._bring_again(self._records[order], Unavailable("left after several outages"))
            return []
        try:
            ahead = order not in self._own
            return _moves(order, known or gather.whole(order), self._revision, ahead)
        except Unavailable as reason:
            self._outages += 1
            self._bring_again(self._records[order], reason)
        except Exception as error:
            self._park(self._records[order], error)
        return []

    def _committed(self, pack: Sequence[Move]) -> list[str]:
        """The orders of a pack that was raced; one that is refused is tried order by order."""
        orders = list(dict.fromkeys(move.order for move in pack))
        try:
            self._line.count("transactions")
            if not credits_table.commit(pack):
                return orders
            self._line.count("credits", len(pack))
        except Unavailable as reason:
            self._bring_again([each for order in orders for each in self._records[order]], reason)
        except Exception as error:
            if len(orders) > 1:
                return [raced for order in orders for raced in self._committed(_of(order, pack))]
            self._park(self._records[orders[0]], error)
        return []

    def _bring_again(self, records: Iterable[Record], reason: Unavailable) -> None:
        self._line.note(reason=str(reason))
        for sequence in map(sequence_of, records):
            if sequence not in self.again:
                self._line.count("again")
                self.again.append(sequence)

    def _park(self, records: Iterable[Record], error: Exception) -> None:
        for record in records:
            try:
                key = parking.park_record(consumer=CONSUMER, record=record, reason=repr(error))
            except Unavailable as reason:
                self._bring_again([record], reason)
            else:
                self._line.count("poison")
                self._line.note(parked=key, reason=repr(error)[:200])


def _of(order: str, pack: Iterable[Move]) -> list[Move]:
    return [move for move in pack if move.order == order]


def _moves(order: str, known: Known, revision: int, ahead: bool) -> list[Move]:
    """From the credits that are held to those that ought to be; only what differs."""
    held, rows = known.held, known.rows.values()
    _learn(max([revision, *(each.credit.register_revision for each in held.values())]))
    new = {each.item_id: each for each in verdicts(rows, _register, known.given)}
    found = [
        Move(order, item_id, held.get(item_id), new.get(item_id), ahead and item_id not in held)
        for item_id in sorted(held.keys() | new.keys())
    ]
    return [move for move in found if _credit(move.held) != move.credit]


def verdicts(
    rows: Collection[Row], register: Register, given: Publications = touchpoints_table
) -> list[Credit]:
    """The credits of an order's rows, as touchpoints and register stand now."""
    return match(rows, Told(gather.touches(rows, register), register, given))


def _credit(held: Held | None) -> Credit | None:
    return held.credit if held else None


def _learn(revision: int) -> None:
    """Reads the register afresh where it is older than what was already judged by."""
    if _register.revision() < revision:
        _register.refresh()
