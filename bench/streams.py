"""What a stream record costs its reader, warm: the whole function, its calls, and the decoding."""

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from bench.figure import Effort, Figure, Section, at_most, plain
from bench.put import one_put
from bench.rounds import best
from bench.shop import Record, Shop, open_shop, orders
from bench.wire import Wire
from functions.streams.alarms.change import change_of, placed_at
from vouchsafe.flow.stream import keys_of

BATCH = 100
# What the floor picks out of an image, by key.
_PICKED = (
    "order_id",
    "state",
    "currency",
    "redeemed_at",
    "business_day",
    "discount_minor",
    "code",
    "facts_seen",
)
# What performance.md asks, 8 and 9 (G6, G7); projection reads and writes each order, and nothing
# is said of it there: three calls, one for each of its tables, are its floor.
_WRITES = frozenset({"PutItem", "UpdateItem", "DeleteItem", "TransactWriteItems"})


@dataclass(slots=True)
class Cost:
    """What batches of one consumer took; the wire's own time is left out."""

    cpu_s: float
    calls: int
    writes: int
    items: int
    records: int


def section(effort: Effort) -> Section:
    rounds = effort.of(8, 2)
    effort.tell(0, 3)
    put_s = best({"P": one_put()}, effort.of(25, 2))["P"]
    with open_shop() as (shop, wire):
        for event in orders(range(rounds * BATCH)):
            shop.post(event)
        effort.tell(1, 3)
        costs, samples = _costs(shop, wire)
    effort.tell(2, 3)
    return Section(
        title="Stream readers, warm, in batches of 100",
        floor="P, one conditional put through botocore; for decoding, eight attributes picked"
        " by key",
        figures=(
            *_whole(costs, put_s),
            *_decoding(samples, effort.of(25, 2)),
            *_attribution_writes(costs["attribution"]),
        ),
        notes=(
            "CPU time without that of the tables in memory, the best batch; every record is a new"
            " order with one code of ten, every second person has touchpoints.",
        ),
    )


def _costs(shop: Shop, wire: Wire) -> tuple[dict[str, Cost], Mapping[str, Record]]:
    """The best batch of each consumer, and a record of each stream."""
    facts = shop.news("Facts")
    costs = {"projection": _brought(shop, wire, "projection", facts)}
    redemptions, changed = shop.news("Redemptions"), shop.news("Orders")
    costs["attribution"] = _brought(shop, wire, "attribution", redemptions)
    costs["alarms, of redemptions"] = _brought(shop, wire, "alarms", redemptions)
    costs["alarms, of orders"] = _brought(shop, wire, "alarms", changed)
    return costs, {"fact": facts[0], "redemption": redemptions[0], "order": changed[0]}


def _brought(shop: Shop, wire: Wire, consumer: str, records: list[Record]) -> Cost:
    found = []
    for start in range(0, len(records), BATCH):
        batch = records[start : start + BATCH]
        shop.meter.clear()
        spent, began = wire.spent_s, time.thread_time()
        shop.bring(consumer, batch)
        took = time.thread_time() - began - (wire.spent_s - spent)
        calls = shop.meter.calls
        writes = sum(count for name, count in calls.items() if name in _WRITES)
        items = sum(shop.meter.items.values())
        found.append(Cost(took, sum(calls.values()), writes, items, len(batch)))
    # The first batch finds nothing in memory yet.
    return min(found[1:] or found, key=lambda each: each.cpu_s)


def _whole(costs: Mapping[str, Cost], put_s: float) -> list[Figure]:
    # Section 8, attribution: 3 us and 0.1 P a record; alarms: 2 us a record.
    asked = {"attribution": 0.1 + 3e-6 / put_s}
    figures = []
    for name, cost in costs.items():
        ratio = cost.cpu_s / cost.records / put_s
        detail = (
            f"{cost.cpu_s / cost.records * 1e6:.0f} us a record, "
            f"{cost.calls} calls and {cost.items} items written for {cost.records}"
        )
        if name in asked:
            figures.append(at_most(name, ratio, round(asked[name], 2), unit="P", detail=detail))
        else:
            figures.append(plain(name, ratio, unit="P", detail=detail))
    return figures


def _decoding(samples: Mapping[str, Record], rounds: int) -> list[Figure]:
    image = samples["redemption"]["dynamodb"]["NewImage"]

    def pick() -> list[object]:
        return [next(iter(image[name].values())) for name in _PICKED]

    works: dict[str, Callable[[], object]] = {
        "floor": pick,
        "projection, a fact's key": lambda: keys_of(samples["fact"]),
        "attribution, a redemption's key": lambda: keys_of(samples["redemption"]),
        "alarms, a redemption": lambda: change_of(samples["redemption"]),
        "alarms, an order": lambda: placed_at(samples["order"]),
    }
    found = best(works, rounds)
    floor = found.pop("floor")
    return [_decoded(name, took, floor) for name, took in found.items()]


def _decoded(name: str, took: float, floor: float) -> Figure:
    detail = f"{took * 1e6:.1f} us"
    return at_most(f"decode: {name}", took / floor, 5, unit="picks", digits=1, detail=detail)


def _attribution_writes(cost: Cost) -> list[Figure]:
    return [
        at_most("attribution, writing calls a record", cost.writes / cost.records, 0.15),
        plain("attribution, items written a record", cost.items / cost.records),
    ]
