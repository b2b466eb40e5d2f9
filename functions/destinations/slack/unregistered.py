"""A code or a till's discount that the register does not know, in Slack's words. Pure."""

import json
from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from vouchsafe.pure import codec
from vouchsafe.pure.census import Noticed, discount_of
from vouchsafe.pure.happening import Happening
from vouchsafe.pure.money import Money

from .blocks import at, context, escaped, fields_of, header, link, section, whole

# As for the alarms of a code: what a backfill brings is counted, and is no news.
_OLD = timedelta(days=3)
_ADVICE = (
    "Ask the place who made it. If it is ours, propose it for the register "
    "(POST /register/proposals), and let another person approve it; else have it deleted there."
)


def unregistered(happening: Happening, runbooks_url: str) -> Mapping[str, Any] | None:
    """`CodeUnregistered`: told once, with the first order that bore it; None where that is history,
    which the census tells. Raises Unreadable."""
    found = codec.loads(Noticed, json.dumps(happening.subject))
    if happening.at - found.seen_at >= _OLD:
        return None
    what = "Discount" if discount_of(found.subject) else "Code"
    title = f"{what} that the register does not know: {found.shown}"
    fields = [
        (f"{what}, as typed", found.shown),
        ("Platform", found.platform),
        ("Account", found.account),
        ("Place", found.place),
        ("First order", found.order),
        ("Seen", at(found.seen_at)),
        ("Discount", str(Money(found.discount_minor, found.currency))),
    ]
    census = link(runbooks_url, "../census.md")
    blocks = [
        header(title),
        fields_of([each for each in fields if each[1]]),
        *section(f"*What to do*\n{escaped(_ADVICE)} {census}"),
        context(f"{found.platform}/{found.account}", happening),
    ]
    return whole(f"{title}, {found.platform}/{found.account}. {_ADVICE}", blocks)
