"""One order from its facts to its reports: `make trace ORDER='square#deli#42'`.

Opens a number down to the events behind it: what each platform said and when, what was folded and
derived from it, who got the credit, which alarms and breaks name it, and the files it stands in.
`ORDER='code#SAVE5'` lists the orders of a code, `ORDER='day#2026-11-20'` those of a business day.
"""

import sys
from collections.abc import Iterator, Sequence
from typing import Any

from console import stack


def main(arguments: Sequence[str]) -> int:
    """0 where something is there, 1 where nothing is."""
    if len(arguments) != 1 or not arguments[0]:
        print("Name one: make trace ORDER='platform#account#order id'", file=sys.stderr)
        return 1
    stack.connected()
    found = list(_lines(arguments[0]))
    for line in found:
        print(line)
    if not found:
        print(f"There is nothing of {arguments[0]}.", file=sys.stderr)
    return 0 if found else 1


def _lines(name: str) -> Iterator[str]:
    kind, _, what = name.partition("#")
    if kind == "code":
        return _of_code(what)
    if kind == "day":
        return _of_day(what)
    return _of_order(name)


def _of_code(code: str) -> Iterator[str]:
    from vouchsafe.edge import redemptions_table
    from vouchsafe.pure.codes import canonical
    from vouchsafe.pure.redemption import Redemption

    for key in redemptions_table.orders_with_code(canonical(code)):
        for row in redemptions_table.of_order(key.text()).values():
            if isinstance(row, Redemption) and row.code == canonical(code):
                money = _money(row.discount_minor, row.currency)
                yield f"{key.text():<48} {row.business_day} {row.state:<18} {money:>12}"


def _of_day(day: str) -> Iterator[str]:
    from vouchsafe.edge import orders_table
    from vouchsafe.pure.business_day import parse_day

    for order, _ in orders_table.of_day(parse_day(day)):
        total, off = (
            _money(each, order.currency) for each in (order.total_minor, order.discount_minor)
        )
        yield f"{order.key.text():<48} {order.stage:<10} {total:>12} discount {off:>12}"


def _of_order(name: str) -> Iterator[str]:
    from vouchsafe.edge import facts_table, orders_table, redemptions_table

    facts = sorted(facts_table.of_order(name), key=lambda fact: (fact.received_at, fact.fact_id()))
    if not facts:
        return
    yield f"ORDER {name}"
    yield "facts: what was said"
    for fact in facts:
        yield f"  {fact.received_at:%Y-%m-%d %H:%M:%S} {fact.kind} {fact.object_id} v{fact.version}"
        yield f"    {fact.fact_id()} from bytes {fact.source_digest[:12]}, reader {fact.reader}"
    held = orders_table.get(name)
    if held is None:
        yield "no order document yet: nothing is derived from a refund or payment alone"
        return
    order, day = held
    yield f"order: {order.stage} on business day {day}, at {order.location_id or 'no location'}"
    for field in ("gross", "discount", "tax", "tip", "total", "net", "refunded", "returned_net"):
        yield f"  {field:<13}{_money(getattr(order, f'{field}_minor'), order.currency):>12}"
    yield "redemptions, and discounts without a code"
    for item_id, row in redemptions_table.of_order(name).items():
        yield f"  {item_id}: {row.state}, {_money(row.discount_minor, row.currency)} off"
        yield f"    {_told(row)}"
    yield from _credit(name)
    yield from _named_in(name, day)


def _credit(name: str) -> Iterator[str]:
    from vouchsafe.edge import credits_table
    from vouchsafe.pure.credit import MODELS

    yield f"credit: {', '.join(MODELS)}, in minor units"
    for item_id, each in credits_table.of_order(name).items():
        yield f"  {item_id}: {each.credit.influence_class or 'counted only'}"
        for share in each.credit.shares:
            yield f"    {share.channel} {share.campaign or ''} {share.minor}"
        if each.credit.evidence:
            yield f"    evidence: {', '.join(each.credit.evidence)}"


def _named_in(name: str, day: Any) -> Iterator[str]:
    from functions.schedules.export.day import keys_of
    from vouchsafe.edge import alarms_table, reports_bucket

    alarms = [
        alarm for alarm in alarms_table.of_day(day) if name in {e.order for e in alarm.evidence}
    ]
    yield f"alarms: {', '.join(alarm.alarm_id for alarm in alarms) or 'none'}"
    yield "files of its day"
    for dataset in ("redemptions", "orders", "attribution", "breaks"):
        parquet, csv, manifest = keys_of(dataset, day)
        there = reports_bucket.get(manifest) is not None
        yield f"  {parquet if there else f'{dataset}: not exported yet'}"
        if there:
            yield f"  {csv}"


def _told(row: Any) -> str:
    names = ("because", "returned_minor", "revenue_minor", "where", "aliases", "allocation")
    said = {name: getattr(row, name, None) for name in names}
    return ", ".join(f"{name} {value}" for name, value in said.items() if value)


def _money(minor: int, currency: str) -> str:
    from vouchsafe.pure.money import decimal_text

    return f"{decimal_text(minor, currency)} {currency}"


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
