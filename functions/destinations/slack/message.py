"""A happening as one Slack message. Pure."""

import json
from collections.abc import Callable, Mapping
from typing import Any

from vouchsafe.pure.happening import Happening
from vouchsafe.pure.pull import Request

from .alarms import alarm, escalated
from .blocks import context, fields_of, header, link, section, whole
from .gaps import drift, fidelity, gap
from .unregistered import unregistered


def message(happening: Happening, url: str, runbooks_url: str) -> Request | None:
    """The whole request to the channel's webhook; None for what Slack need not hear.

    Raises Unreadable where the subject is not what the happening's name promises.
    """
    words = _WORDS.get(happening.happening)
    if words is None:
        return None
    said = words(happening, runbooks_url)
    if said is None:
        return None
    headers = {"content-type": "application/json; charset=utf-8"}
    body = json.dumps(said, ensure_ascii=False).encode()
    return Request(method="POST", url=url, headers=headers, body=body)


def _reconciliation(happening: Happening, runbooks_url: str) -> Mapping[str, Any]:
    subject = happening.subject
    found = subject.get("breaks")
    breaks = {str(kind): count for kind, count in found.items()} if isinstance(found, dict) else {}
    account = f"{subject.get('platform', '')}/{subject.get('account', '')}"
    verdict = "agrees" if subject.get("agrees", not breaks) else "breaks found"
    title = f"Reconciliation {subject.get('period', '')}: {verdict}, {account}"
    start, end = subject.get("start", subject.get("day", "")), subject.get("end", "")
    days = f"{start} to {end}" if end and end != start else str(start)
    named = [
        ("Days", days),
        ("Matched orders", str(subject.get("matched", ""))),
        ("Till orders", str(subject.get("till_orders", ""))),
        ("Ledger orders", str(subject.get("ledger_orders", ""))),
        *((kind.replace("_", " ").capitalize(), str(count)) for kind, count in breaks.items()),
    ]
    fields = [(name, value) for name, value in named if value]
    blocks = [header(title)] + ([fields_of(fields)] if fields else [])
    if verdict != "agrees":
        book = link(runbooks_url, "alarm_breaks.md")
        blocks += section(f"*What to do*\nLook at the breaks, order by order. {book}")
    blocks.append(context(str(subject.get("report", "reconciliation")), happening))
    short = ", ".join(f"{name} {value}" for name, value in fields)
    return whole(f"{title}. {short}", blocks)


_WORDS: Mapping[str, Callable[[Happening, str], Mapping[str, Any] | None]] = {
    "AlarmRaised": alarm,
    "AlarmUpdated": alarm,
    "AlarmCleared": alarm,
    "AlarmEscalated": escalated,
    "CodeUnregistered": unregistered,
    "DriftFound": drift,
    "FidelityChanged": fidelity,
    "GapFound": gap,
    "ReconciliationDone": _reconciliation,
}
