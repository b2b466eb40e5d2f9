"""What Slack's messages are made of: blocks within their limits, text that stays text. Pure.

Block Kit limits as slack_sdk 3.43 checks them (read 2026-11-20); the 50 blocks of a message are
hearsay.
"""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from vouchsafe.pure import instant
from vouchsafe.pure.happening import Happening

HEADER = 150
TEXT = 3000
FIELD = 2000
FIELDS = 10
BLOCKS = 50

Block = dict[str, Any]


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


def whole(text: str, blocks: list[Block]) -> Mapping[str, Any]:
    """`text` is what notifications and screen readers say."""
    return {
        "text": cut(text, TEXT),
        "blocks": blocks[:BLOCKS],
        "unfurl_links": False,
        "unfurl_media": False,
    }


def header(text: str) -> Block:
    return {"type": "header", "text": {"type": "plain_text", "text": cut(text, HEADER)}}


def fields_of(fields: Iterable[tuple[str, str]]) -> Block:
    texts = [_mrkdwn(f"*{name}*\n{cut(value, FIELD - 100)}") for name, value in fields]
    return {"type": "section", "fields": texts[:FIELDS]}


def section(text: str) -> list[Block]:
    return [{"type": "section", "text": _mrkdwn(text)}]


def context(about: str, happening: Happening) -> Block:
    """Names the happening, so that a twin after a lost answer is known as one."""
    text = f"{about} · {instant.text(happening.at)} · {happening.stack} · {happening.id}"
    return {"type": "context", "elements": [_mrkdwn(cut(text, FIELD))]}


def _mrkdwn(text: str) -> Block:
    """`verbatim`: a code that looks like an address, a channel or a name stays a code."""
    return {"type": "mrkdwn", "text": text, "verbatim": True}


def link(runbooks_url: str, book: str) -> str:
    """A link to the runbook, or its path where nobody said where they are published; `../` leads
    to another page of the documents."""
    name = book.removeprefix("../")
    if not runbooks_url:
        return f"See docs/{name}" if name != book else f"See docs/runbooks/{book}"
    return f"<{runbooks_url.rstrip('/')}/{book}|{name}>"


def at(instant_: datetime | None) -> str:
    """An instant as people read it."""
    return f"{instant_:%Y-%m-%d %H:%M} UTC" if instant_ else ""
