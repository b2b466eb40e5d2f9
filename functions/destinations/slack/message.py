"""A happening as one Slack message: what, where, since when, money at risk, what to do. Pure."""

import json
from collections.abc import Callable, Iterable, Mapping
from typing import Any
from urllib.parse import quote

from vouchsafe.pure import codec
from vouchsafe.pure.alarm import Alarm, Evidence
from vouchsafe.pure.happening import Happening
from vouchsafe.pure.money import Money
from vouchsafe.pure.pull import Request

from .blocks import TEXT, at, context, cut, escaped, fields_of, header, link, section, whole
from .gaps import drift, fidelity, gap
from .wording import ADVICE, TITLES

_SHOWN_ORDERS = 10
_SHOWN_PLACES = 3

_HOW = {"AlarmRaised": "Alarm", "AlarmUpdated": "Alarm goes on", "AlarmCleared": "All clear"}


def message(happening: Happening, url: str, runbooks_url: str) -> Request | None:
    """The whole request to the channel's webhook; None for what Slack need not hear.

    Raises Unreadable where the subject is not what the happening's name promises.
    """
    words = _WORDS.get(happening.happening)
    if words is None:
        return None
    headers = {"content-type": "application/json; charset=utf-8"}
    body = json.dumps(words(happening, runbooks_url), ensure_ascii=False).encode()
    return Request(method="POST", url=url, headers=headers, body=body)


def _alarm(happening: Happening, runbooks_url: str) -> Mapping[str, Any]:
    alarm = codec.loads(Alarm, json.dumps(happening.subject))
    title = f"{_HOW[happening.happening]}: {TITLES[_wording(alarm)]}, {_code(alarm)}"
    fields = _alarm_fields(alarm)
    blocks = [header(title), fields_of(fields)]
    if alarm.state == "open":
        blocks += section(_orders(alarm))
        blocks += section(_advice(alarm, runbooks_url))
        blocks += section(_switch(alarm)) if alarm.promotion else []
    blocks.append(context(f"alarm {alarm.alarm_id} · revision {alarm.revision}", happening))
    short = [f"{name}: {value}" for name, value in fields if name in ("Seen", "Money at risk")]
    return whole(f"{title}. {'. '.join(short)}", blocks)


def _alarm_fields(alarm: Alarm) -> list[tuple[str, str]]:
    fields = [
        ("Code", _code(alarm)),
        ("Rule", f"{alarm.rule} ({alarm.term})" if alarm.term else alarm.rule),
        ("Seen", alarm.seen),
        ("Expected", alarm.expected),
        ("Money at risk", _money(alarm.at_risk)),
        ("Uses", str(alarm.orders)),
        ("Where", _places(alarm.evidence)),
        ("Since", at(alarm.since)),
        ("Promotion", alarm.promotion),
        ("Cleared", at(alarm.cleared_at)),
    ]
    return [(name, value) for name, value in fields if value]


def _orders(alarm: Alarm) -> str:
    """The evidence, the newest orders last."""
    shown = alarm.evidence[-_SHOWN_ORDERS:]
    lines = [f"• {_order(each)}" for each in shown]
    rest = alarm.orders - len(shown)
    more = [f"and {rest} more"] if rest > 0 else []
    return "\n".join(["*Orders*", *(cut(line, TEXT // 12) for line in (*lines, *more))])


def _order(evidence: Evidence) -> str:
    money = Money(evidence.at_risk_minor, evidence.currency)
    place = f" at {evidence.place}" if evidence.place else ""
    said = f" — {evidence.seen}" if evidence.seen else ""
    return f"{evidence.order}{place}, {at(evidence.redeemed_at)}, {money}{said}"


def _advice(alarm: Alarm, runbooks_url: str) -> str:
    advice = ADVICE[_wording(alarm)]
    suggested = f" Suggested: {alarm.suggested}." if alarm.suggested else ""
    book = f"alarm_{alarm.rule}.md"
    return f"*What to do*\n{escaped(advice + suggested)} {link(runbooks_url, book)}"


def _switch(alarm: Alarm) -> str:
    """The one step by which an approver ends it, here and at every shop that can."""
    path = f"/register/promotions/{quote(alarm.promotion, safe='')}/pause"
    why = json.dumps({"why": f"alarm {alarm.alarm_id}"}, ensure_ascii=False)
    command = f"python -m console.call POST {path} '{why}'"
    return f"*Switch it off everywhere* (an approver)\n`{escaped(command)}`"


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


def _code(alarm: Alarm) -> str:
    """The code as people write it; the alarm's id holds the form that is compared."""
    return alarm.code_raw or alarm.code


def _wording(alarm: Alarm) -> str:
    return f"{alarm.rule}.{alarm.term}" if alarm.term else alarm.rule


def _money(at_risk: Iterable[tuple[str, int]]) -> str:
    return ", ".join(str(Money(minor, currency)) for currency, minor in at_risk)


def _places(evidence: Iterable[Evidence]) -> str:
    places = list(dict.fromkeys(each.place for each in evidence if each.place))
    more = f" and {len(places) - _SHOWN_PLACES} more" if len(places) > _SHOWN_PLACES else ""
    return ", ".join(places[:_SHOWN_PLACES]) + more


_WORDS: Mapping[str, Callable[[Happening, str], Mapping[str, Any]]] = {
    **dict.fromkeys(_HOW, _alarm),
    "DriftFound": drift,
    "FidelityChanged": fidelity,
    "GapFound": gap,
    "ReconciliationDone": _reconciliation,
}
