"""What went wrong between a platform and us, in Slack's words: gaps, drift, fidelity. Pure."""

import json
from collections.abc import Mapping, Sequence
from typing import Any

from vouchsafe.pure import codec
from vouchsafe.pure.gaps import Gap
from vouchsafe.pure.happening import Happening
from vouchsafe.pure.pull import Subscription

from .blocks import TEXT, at, context, cut, escaped, fields_of, header, link, section, whole

_SHOWN_ORDERS = 10
_WHY = {
    "switched_off": "the platform had no subscription of ours for it",
    "outage": "no delivery at all came between the first and the last of them",
    "lost": "others came meanwhile; these were sent and lost, or never sent",
}
_ADVICE = {
    "switched_off": "What could be made again was made again. Switch the rest on at the platform.",
    "outage": "Look at the platform's status page, and at the door's alarms for that time.",
    "lost": "Nothing is missing any more. If it goes on, ask the platform for its delivery log.",
}


def gap(happening: Happening, runbooks_url: str) -> Mapping[str, Any]:
    """`GapFound`: what a sweep found that no webhook had brought. Raises Unreadable."""
    found = codec.loads(Gap, json.dumps(happening.subject))
    account = f"{found.platform}/{found.account}"
    title = f"Missed deliveries: {found.missed} of {account}, found by the sweep"
    fields = [
        ("Orders missed", f"{found.missed} of {found.listed} that changed"),
        ("Between", f"{at(found.since)} and {at(found.until)}"),
        ("Why", _WHY[found.why]),
        ("Subscriptions", ", ".join(map(_subscription, found.subscriptions))),
    ]
    blocks = [header(title), fields_of([each for each in fields if each[1]])]
    if found.orders:
        blocks += section(_orders(found))
    blocks += section(f"*What to do*\n{_ADVICE[found.why]} {link(runbooks_url, 'gaps.md')}")
    blocks.append(context(account, happening))
    return whole(f"{title}. Why: {_WHY[found.why]}", blocks)


def drift(happening: Happening, runbooks_url: str) -> Mapping[str, Any]:
    """`DriftFound`: a platform says something otherwise than before."""
    said = {name: str(value) for name, value in happening.subject.items()}
    platform, place = said.get("platform", ""), said.get("place", "")
    if said.get("kind") == "unheard_of":
        title = f"New event of {platform}: {place}"
        advice = "Nothing is lost. Look at the sample, and decide whether the room has to know it."
    else:
        title = f"{platform} changed: {place} {said.get('rule', '')}"
        advice = "Nothing is lost: deliveries wait in the car park. Mend the reader, then replay."
    named = [
        ("Platform", platform),
        ("Where", place),
        ("Rule", said.get("rule", "")),
        ("Deliveries so far", said.get("count", "")),
        ("Sample", said.get("sample", "")),
    ]
    blocks = [
        header(title),
        fields_of([each for each in named if each[1]]),
        *section(f"*What to do*\n{escaped(advice)} {link(runbooks_url, 'drift.md')}"),
        context(platform, happening),
    ]
    return whole(f"{title}. {advice}", blocks)


def fidelity(happening: Happening, runbooks_url: str) -> Mapping[str, Any]:
    """`FidelityChanged`: the repair task for whoever keeps the shop's pages."""
    said = happening.subject
    shop = f"{said.get('platform', '')}/{said.get('account', '')}"
    rate, expected = _percent(said.get("under_reporting_rate")), _percent(said.get("expected_rate"))
    what = f"code {said['code']}" if said.get("code") else "all codes"
    title = f"{shop}: {rate} of confirmed redemptions not reported, {what}"
    found = said.get("orders")
    orders = [str(each) for each in found] if isinstance(found, list) else []
    in_all = int(str(said.get("orders_in_all", len(orders))))
    named = [
        ("Front end", str(said.get("front_end", ""))),
        ("Day", str(said.get("day", ""))),
        ("Reported", f"{said.get('reported', '')} of {said.get('confirmed', '')} confirmed"),
        ("Usual", f"{expected} not reported"),
        ("Reported without the code", str(said.get("codeless") or "")),
    ]
    advice = (
        "Open one of these orders, and see what its thank-you page sends."
        if orders
        else "More is reported than before: see whether the tag fires twice, or was mended."
    )
    blocks = [header(title), fields_of([each for each in named if each[1]])]
    if orders:
        blocks += section(_listed(orders, in_all))
    blocks += section(f"*What to do*\n{advice} {link(runbooks_url, 'fidelity.md')}")
    blocks.append(context(shop, happening))
    return whole(f"{title}. Usual: {expected}. {advice}", blocks)


def _percent(rate: object) -> str:
    return f"{float(str(rate)):.0%}" if rate is not None else "?"


def _orders(found: Gap) -> str:
    return _listed(found.orders, found.missed)


def _listed(orders: Sequence[str], in_all: int) -> str:
    lines = [f"• {order}" for order in orders[:_SHOWN_ORDERS]]
    rest = in_all - len(lines)
    more = [f"and {rest} more"] if rest > 0 else []
    return "\n".join(["*Orders*", *(cut(line, TEXT // 12) for line in (*lines, *more))])


def _subscription(wish: Subscription) -> str:
    state = wish.state.replace("_", " ")
    return f"{wish.event} {state} ({wish.why})" if wish.why else f"{wish.event} {state}"
