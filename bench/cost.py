"""What a million redemptions cost on AWS, from the units and times that were measured here."""

import time
from contextlib import redirect_stdout
from io import StringIO

from bench.figure import Effort, Figure, Section, at_most, plain
from bench.shop import open_shop, orders
from bench.units import by_table

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
# START, END and REPORT of an invocation, which Lambda itself writes.
_PLATFORM_LOG = 340
_MILLION = 1_000_000


def section(effort: Effort) -> Section:
    count = effort.of(300, 100)
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
            "Assumed: one delivery an order, four stream readers in batches of 100, arm, 512 MB"
            " with 0.29 of this machine's CPU, 5 ms of waiting at the door, list prices, no free"
            " tier, no cold starts. Units, reads, bytes and CPU time are measured.",
            "The floor keeps one item for a redemption. We keep the fact, the order with its index,"
            " the redemption with two, the credit with its evidence, and the sums.",
        ),
    )


def _parts(count: int) -> dict[str, float]:
    with open_shop() as (shop, wire), redirect_stdout(StringIO()) as printed:
        events, empty = list(orders(range(count))), shop.meter.stored()
        began, spent = time.thread_time(), wire.spent_s
        for event in events:
            shop.post(event)
        shop.settle(_BATCH)
        cpu_s = (time.thread_time() - began - (wire.spent_s - spent)) / count
        writes = {name: units / count for name, units in sorted(by_table(shop).items())}
        reads = sum(shop.meter.reads.values()) / count
        kept = (shop.meter.stored() - empty) / count
    compute = cpu_s / _SHARE_OF_CPU + _WAIT_S
    log = len(printed.getvalue().encode()) / count + _PLATFORM_LOG * (1 + 4 / _BATCH)
    tables = {f"writes to {name}": _MILLION * units * _WRITE for name, units in writes.items()}
    return {
        "requests of the API": _MILLION * _REQUEST,
        "invocations": _MILLION * _INVOCATION * (1 + 4 / _BATCH),
        "compute": _MILLION * compute * _MEMORY_GB * _GB_SECOND,
        **tables,
        "reads": _MILLION * reads * _READ,
        "logs": _MILLION * log * _LOG_BYTE,
        "storage of a month, with recovery": _MILLION * kept * _MONTH_BYTE,
    }
