"""A happening as one Slack message: what, where, since when, money at risk, what to do. Pure.

Block Kit limits as slack_sdk 3.43 checks them (read 2026-11-20); the 50 blocks of a message are
hearsay.
"""

import json
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from vouchsafe.pure import codec, instant
from vouchsafe.pure.alarm import Alarm, Evidence
from vouchsafe.pure.happening import Happening
from vouchsafe.pure.money import Money
from vouchsafe.pure.pull import Request

from .wording import ADVICE, TITLES

HEADER = 150
TEXT = 3000
FIELD = 2000
FIELDS = 10
BLOCKS = 50

_SHOWN_ORDERS = 10
_SHOWN_PLACES = 3
Block = dict[str, Any]

_HOW = {"AlarmRaised": "Alarm", "AlarmUpdated": "Alarm goes on", "AlarmCleared": "All clear"}


def message(happening: Happening, url: str, runbooks_url: str) -> Request | None:
    """The whole request to the channel's webhook; None for what Slack need not hear.

    Raises Unreadable where the subject is not what the happening's name promises.
    """
    if happening.happening in _HOW:
        said = _alarm(happening, runbooks_url)
    elif happening.happening == "ReconciliationDone":
        said = _reconciliation(happening, runbooks_url)
    else:
        return None
    headers = {"content-type": "application/json; charset=utf-8"}
    body = json.dumps(said, ensure_ascii=False).encode()
    return Request(method="POST", url=url, headers=headers, body=body)


def escaped(text: str) -> str:
    """Text that Slack takes as text: no mention, no link, no entity."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def cut(text: str, most: int) -> str:
    """Escaped text of at most so many characters, no entity cut in two."""
    whole = escaped(text)
    if len(whole) <= most:
        return whole
    kept, left = [], most - 1
    for char in map(escaped, text):
        left -= len(char)
        if left < 0:
            break
        kept.append(char)
    return "".join(kept) + "…"


def _alarm(happening: Happening, runbooks_url: str) -> Mapping[str, Any]:
    alarm = codec.loads(Alarm, json.dumps(happening.subject))
    title = f"{_HOW[happening.happening]}: {TITLES[_wording(alarm)]}, {_code(alarm)}"
    fields = _alarm_fields(alarm)
    blocks = [_header(title), _fields(fields)]
    if alarm.state == "open":
        blocks += _section(_orders(alarm))
        blocks += _section(_advice(alarm, runbooks_url))
    blocks.append(_context(f"alarm {alarm.alarm_id} · revision {alarm.revision}", happening))
    short = [f"{name}: {value}" for name, value in fields if name in ("Seen", "Money at risk")]
    return _whole(f"{title}. {'. '.join(short)}", blocks)


def _alarm_fields(alarm: Alarm) -> list[tuple[str, str]]:
    fields = [
        ("Code", _code(alarm)),
        ("Rule", f"{alarm.rule} ({alarm.term})" if alarm.term else alarm.rule),
        ("Seen", alarm.seen),
        ("Expected", alarm.expected),
        ("Money at risk", _money(alarm.at_risk)),
        ("Uses", str(alarm.orders)),
        ("Where", _places(alarm.evidence)),
        ("Since", _instant(alarm.since)),
        ("Promotion", alarm.promotion),
        ("Cleared", _instant(alarm.cleared_at)),
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
    return f"{evidence.order}{place}, {_instant(evidence.redeemed_at)}, {money}{said}"


def _advice(alarm: Alarm, runbooks_url: str) -> str:
    advice = ADVICE[_wording(alarm)]
    suggested = f" Suggested: {alarm.suggested}." if alarm.suggested else ""
    book = f"alarm_{alarm.rule}.md"
    return f"*What to do*\n{escaped(advice + suggested)} {_link(runbooks_url, book)}"


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
    blocks = [_header(title)] + ([_fields(fields)] if fields else [])
    if verdict != "agrees":
        link = _link(runbooks_url, "alarm_breaks.md")
        blocks += _section(f"*What to do*\nLook at the breaks, order by order. {link}")
    blocks.append(_context(str(subject.get("report", "reconciliation")), happening))
    short = ", ".join(f"{name} {value}" for name, value in fields)
    return _whole(f"{title}. {short}", blocks)


def _whole(text: str, blocks: list[Block]) -> Mapping[str, Any]:
    """`text` is what notifications and screen readers say."""
    return {
        "text": cut(text, TEXT),
        "blocks": blocks[:BLOCKS],
        "unfurl_links": False,
        "unfurl_media": False,
    }


def _header(text: str) -> Block:
    return {"type": "header", "text": {"type": "plain_text", "text": cut(text, HEADER)}}


def _fields(fields: Iterable[tuple[str, str]]) -> Block:
    texts = [_mrkdwn(f"*{name}*\n{cut(value, FIELD - 100)}") for name, value in fields]
    return {"type": "section", "fields": texts[:FIELDS]}


def _section(text: str) -> list[Block]:
    return [{"type": "section", "text": _mrkdwn(text)}]


def _context(about: str, happening: Happening) -> Block:
    """Names the happening, so that a twin after a lost answer is known as one."""
    text = f"{about} · {instant.text(happening.at)} · {happening.stack} · {happening.id}"
    return {"type": "context", "elements": [_mrkdwn(cut(text, FIELD))]}


def _mrkdwn(text: str) -> Block:
    """`verbatim`: a code that looks like an address, a channel or a name stays a code."""
    return {"type": "mrkdwn", "text": text, "verbatim": True}


def _link(runbooks_url: str, book: str) -> str:
    """A link to the runbook, or its path where nobody said where they are published."""
    if not runbooks_url:
        return f"See docs/runbooks/{book}"
    return f"<{runbooks_url.rstrip('/')}/{book}|{book}>"


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


def _instant(at: datetime | None) -> str:
    return f"{at:%Y-%m-%d %H:%M} UTC" if at else ""
