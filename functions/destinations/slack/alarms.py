"""An alarm in Slack's words: what, where, since when, money at risk, what to do. Pure."""

import json
from collections.abc import Iterable, Mapping
from typing import Any
from urllib.parse import quote

from vouchsafe.pure import codec
from vouchsafe.pure.alarm import Alarm, Evidence
from vouchsafe.pure.escalation import Escalated
from vouchsafe.pure.happening import Happening
from vouchsafe.pure.money import Money

from .blocks import TEXT, Block, at, context, cut, escaped, fields_of, header, link, section, whole
from .wording import ADVICE, TITLES

_SHOWN_ORDERS = 10
_SHOWN_PLACES = 3

_HOW = {"AlarmRaised": "Alarm", "AlarmUpdated": "Alarm goes on", "AlarmCleared": "All clear"}
_STEPS = {1: "Nobody has acknowledged", 2: "Still nobody has acknowledged"}


def alarm(happening: Happening, runbooks_url: str) -> Mapping[str, Any]:
    """`AlarmRaised`, `AlarmUpdated`, `AlarmCleared`. Raises Unreadable."""
    about = codec.loads(Alarm, json.dumps(happening.subject))
    title = f"{_HOW[happening.happening]}: {_title(about)}"
    return _message(happening, about, title, [], runbooks_url)


def escalated(happening: Happening, runbooks_url: str) -> Mapping[str, Any]:
    """`AlarmEscalated`: the alarm once more, and who is called to it. Raises Unreadable."""
    found = codec.loads(Escalated, json.dumps(happening.subject))
    title = f"{_STEPS[found.rung.step]}: {_title(found.alarm)}"
    since = found.alarm.calling.at if found.alarm.calling else found.alarm.opened_at
    called = f"{_mention(found.mention)} *{found.severity.capitalize()}*, unanswered since"
    louder = section(
        f"{called.strip()} {at(since)}. {link(runbooks_url, 'escalation.md')}",
    )
    return _message(happening, found.alarm, title, louder, runbooks_url)


def _message(
    happening: Happening, about: Alarm, title: str, first: list[Block], runbooks_url: str
) -> Mapping[str, Any]:
    fields = _fields(about)
    blocks = [header(title), *first, fields_of(fields)]
    if about.state == "open":
        blocks += section(_orders(about))
        blocks += section(_advice(about, runbooks_url))
        blocks += section(_acknowledgement(about))
        blocks += section(_switch(about)) if about.rule != "code_not_found" else []
    blocks.append(context(f"alarm {about.alarm_id} · revision {about.revision}", happening))
    short = [f"{name}: {value}" for name, value in fields if name in ("Seen", "Money at risk")]
    return whole(f"{title}. {'. '.join(short)}", blocks)


def _title(about: Alarm) -> str:
    return f"{TITLES[_wording(about)]}, {_code(about)}"


def _mention(who: str) -> str:
    """Slack's own way to call a channel, a group or a person."""
    if who in ("channel", "here"):
        return f"<!{who}>"
    return f"<!subteam^{who}>" if who.startswith("S") else f"<@{who}>" if who else ""


def _fields(about: Alarm) -> list[tuple[str, str]]:
    fields = [
        ("Code", _code(about)),
        ("Rule", f"{about.rule} ({about.term})" if about.term else about.rule),
        ("Seen", about.seen),
        ("Expected", about.expected),
        ("Money at risk", _money(about.at_risk)),
        ("Uses", str(about.orders)),
        ("Where", _places(about.evidence)),
        ("Since", at(about.since)),
        ("Promotion", about.promotion),
        ("Cleared", at(about.cleared_at)),
    ]
    return [(name, value) for name, value in fields if value]


def _orders(about: Alarm) -> str:
    """The evidence, the newest orders last."""
    shown = about.evidence[-_SHOWN_ORDERS:]
    lines = [f"• {_order(each)}" for each in shown]
    rest = about.orders - len(shown)
    more = [f"and {rest} more"] if rest > 0 else []
    return "\n".join(["*Orders*", *(cut(line, TEXT // 12) for line in (*lines, *more))])


def _order(evidence: Evidence) -> str:
    money = Money(evidence.at_risk_minor, evidence.currency)
    place = f" at {evidence.place}" if evidence.place else ""
    said = f" — {evidence.seen}" if evidence.seen else ""
    return f"{evidence.order}{place}, {at(evidence.redeemed_at)}, {money}{said}"


def _advice(about: Alarm, runbooks_url: str) -> str:
    advice = ADVICE[_wording(about)]
    suggested = f" Suggested: {about.suggested}." if about.suggested else ""
    book = f"alarm_{about.rule}.md"
    return f"*What to do*\n{escaped(advice + suggested)} {link(runbooks_url, book)}"


def _switch(about: Alarm) -> str:
    """The one step by which an approver ends it, here and at every shop that can."""
    if not about.promotion:
        path = f"/register/codes/{quote(about.code, safe='')}"
        return _command("Find the promotions that it stands for", f"GET {path}")
    path = f"/register/promotions/{quote(about.promotion, safe='')}/pause"
    why = json.dumps({"why": f"alarm {about.alarm_id}"}, ensure_ascii=False)
    return _command("Switch it off everywhere, as an approver", f"POST {path} '{why}'")


def _acknowledgement(about: Alarm) -> str:
    """Who has taken it on, or how somebody does."""
    seen = about.acknowledged
    by = f"{seen.by}, {at(seen.at)}" if seen else ""
    if not about.waits():
        return f"*Acknowledged*\n{escaped(by)}"
    again = f"Acknowledge it again: much worse than when {by} did" if seen else "Acknowledge it"
    path = f"/register/alarms/{quote(about.alarm_id, safe='')}/acknowledge"
    return _command(again, f"""POST {path} '{{"note": "I am on it"}}'""")


def _command(does: str, call: str) -> str:
    """What the console takes; only the longest codes of other scripts do not fit as a whole."""
    return f"*{escaped(does)}*\n`{cut(f'python -m console.call {call}', TEXT - 500)}`"


def _code(about: Alarm) -> str:
    """The code as people write it; the alarm's id holds the form that is compared."""
    return about.code_raw or about.code


def _wording(about: Alarm) -> str:
    return f"{about.rule}.{about.term}" if about.term else about.rule


def _money(at_risk: Iterable[tuple[str, int]]) -> str:
    return ", ".join(str(Money(minor, currency)) for currency, minor in at_risk)


def _places(evidence: Iterable[Evidence]) -> str:
    places = list(dict.fromkeys(each.place for each in evidence if each.place))
    more = f" and {len(places) - _SHOWN_PLACES} more" if len(places) > _SHOWN_PLACES else ""
    return ", ".join(places[:_SHOWN_PLACES]) + more
