"""The census as a table for a spreadsheet: one line a code, nothing in it that a cell would run."""

import csv
from collections.abc import Iterable

from vouchsafe.pure.census import Known, Listed
from vouchsafe.pure.census_verdict import Verdict
from vouchsafe.pure.money import decimal_text

_COLUMNS = (
    "code",
    "subject",
    "registered",
    "unregistered",
    "promotions",
    "systems",
    "owners",
    "rules",
    "first_seen_at",
    "last_seen_at",
    "uses_by_systems",
    "cost_by_systems",
    "uses_by_ledger",
    "cost_by_ledger",
    "conflicts",
    "advice",
    "reason",
)
# What spreadsheets take for a formula, OWASP "CSV injection", read 2026-11-20.
_RUN = "=+-@\t\r\n|＝＋－＠"


class _Lines:
    """What the csv module writes to."""

    def __init__(self) -> None:
        self.text = ""

    def write(self, text: str) -> None:
        self.text += text


def line(known: Known, verdict: Verdict) -> str:
    """One code's line."""
    held = known.listed
    first, last = known.first_seen_at(), known.last_seen_at()
    owners = [each.promotion.owner for each in known.born]
    owners += [each.listing.owner for each in held]
    return _line(
        (
            known.shown(),
            known.subject,
            _yes(known.registered),
            _yes(known.is_unregistered()),
            _many(f"{each.promotion.promotion_id} ({each.running})" for each in known.born),
            _many(_where(each) for each in held),
            _many(owners),
            _many(f"{each.listing.place()}: {rules(each)}" for each in held if rules(each)),
            first.date().isoformat() if first else "",
            last.date().isoformat() if last else "",
            _many(
                f"{each.listing.place()}: {each.listing.uses}"
                for each in held
                if each.listing.uses is not None
            ),
            _many(_cost(each) for each in held),
            str(known.used.uses),
            _many(
                f"{decimal_text(minor, currency)} {currency}" for currency, minor in known.used.cost
            ),
            _many(f"{each.kind} ({', '.join(each.says)})" for each in verdict.conflicts),
            verdict.advice,
            verdict.reason,
        )
    )


def rules(held: Listed) -> str:
    """What a system says that a code gives, and when."""
    said = held.listing
    value = f"{said.value.normalize():f}" if said.value is not None else ""
    unit = {"percent": "%", "amount": f" {said.currency}"}.get(said.kind or "", "")
    what = f"{value}{unit}".strip() if value else (said.kind or "")
    window = [each.isoformat() if each else "" for each in (said.starts_on, said.ends_on)]
    when = f"{window[0]}..{window[1]}" if any(window) else ""
    limit = f"at most {said.limit}" if said.limit else ""
    return " ".join(filter(None, (what, when, limit)))


def _where(held: Listed) -> str:
    state = "gone" if held.gone else held.listing.status
    return f"{held.listing.place()} ({state})" if state else held.listing.place()


def _cost(held: Listed) -> str:
    said = held.listing
    if said.cost_minor is None:
        return ""
    return f"{said.place()}: {decimal_text(said.cost_minor, said.currency)} {said.currency}"


def _many(texts: Iterable[str]) -> str:
    return "; ".join(dict.fromkeys(filter(None, texts)))


def _yes(said: bool) -> str:
    return "yes" if said else "no"


def _line(cells: Iterable[str]) -> str:
    lines = _Lines()
    csv.writer(lines, lineterminator="\n").writerow([_harmless(cell) for cell in cells])
    return lines.text


def _harmless(cell: str) -> str:
    return f"'{cell}" if cell[:1] and cell[0] in _RUN else cell


HEADER = _line(_COLUMNS)
