"""What a million redemptions cost on AWS, from the units and times that were measured here."""

import time

from bench.figure import Effort, Figure, Section, at_most, plain
from bench.shop import Shop, open_shop, orders

# List prices, us-east-1, performance.md 7.4, read 2026-11: USD for one.
_REQUEST = 1.00e-6
_INVOCATION = 0.20e-6
_GB_SECOND = 0.0000133334
_WRITE, _READ = 0.625e-6, 0.125e-6
_LOG_BYTE = 0.50 / 2**30
_MONTH_BYTE = 0.45 / 2**30
# The floor of performance.md 7.5 for one million, and G10's ratio to it.
_FLOOR, _TARGET = 2.47, 1.15
_MEMORY_GB = 0.5
# 512 MB buy 0.29 of a CPU; and a door waits for one answer of DynamoDB.
_SHARE_OF_CPU, _WAIT_S = 0.29, 0.005
_BATCH = 100
_MILLION = 1_000_000


def section(effort: Effort) -> Section:
    count = effort.of(300, 20)
    effort.tell(0, count)
    parts = _parts(count)
    total = sum(parts.values())
    figures: list[Figure] = [
        at_most("all", total / _FLOOR, _TARGET, unit="floor", detail=f"{total:.2f} USD")
    ]
    figures += [
        plain(name, usd, unit="USD", detail=f"{usd / total:.0%}") for name, usd in parts.items()
    ]
    return Section(
        title="A million orders with one code each, in USD",
        floor=f"{_FLOOR} USD: one write and two readers, performance.md 7.5",
        figures=tuple(figures),
        notes=(
            "List prices, free tiers left aside; arm, 512 MB, an HTTP API, batches of 100. CPU is"
            " this machine's. The floor keeps one item for a redemption; we keep the facts, the"
            " order, the redemption with two indexes, its credit with evidence, and the sums.",
        ),
    )


def _parts(count: int) -> dict[str, float]:
    with open_shop() as (shop, _):
        began = time.process_time()
        for event in orders(range(count)):
            shop.post(event)
        door_s = (time.process_time() - began) / count
        began = time.process_time()
        shop.settle(_BATCH)
        streams_s = (time.process_time() - began) / count
        writes = {name: units / count for name, units in _by_table(shop).items()}
        reads = sum(shop.meter.reads.values()) / count
    compute = (door_s + streams_s) / _SHARE_OF_CPU + _WAIT_S
    log = 560 + 4 * 700 / _BATCH
    tables = {f"writes to {name}": _MILLION * units * _WRITE for name, units in writes.items()}
    return {
        "requests of the API": _MILLION * _REQUEST,
        "invocations": _MILLION * _INVOCATION * (1 + 4 / _BATCH),
        "compute": _MILLION * compute * _MEMORY_GB * _GB_SECOND,
        **tables,
        "reads": _MILLION * reads * _READ,
        "logs": _MILLION * log * _LOG_BYTE,
        "storage of a month, with recovery": _MILLION * 4096 * _MONTH_BYTE,
    }


def _by_table(shop: Shop) -> dict[str, int]:
    found: dict[str, int] = {}
    for (table, _), units in sorted(shop.meter.writes.items()):
        found[table] = found.get(table, 0) + units
    return found
