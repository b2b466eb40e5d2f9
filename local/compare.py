"""What the deployed stack says, as figures: the ledger's tables, the read models, the exports.

Read over the API with boto3 and by DuckDB, from outside; nothing of the product is imported. The
layouts are those of the dictionary of fields in `docs/`. All three are summed by the same few
lines, which are not those of the recount.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import unquote

import duckdb

from local import fidelity
from local.aws import LocalAws
from local.recount import MODELS, Figures, differences
from local.tables import Item, items, number, text

_COUNTS = frozenset({"confirmed", "partially_returned"})
_ORDER_MONEY = ("gross_minor", "discount_minor", "total_minor", "refunded_minor")
_MONEY = ("discount_minor", "returned_minor", "revenue_minor")
_STATES = ("redeemed", "confirmed", "partially_returned", "rolled_back")
# What a row of Insight is compared by. Other counters follow from these, or are left to tests.
_COUNTED = {
    "code": (
        *_STATES,
        *_MONEY,
        "no_effect",
        "rolled_back_minor",
        "caused",
        "unknown",
        "leaked",
        "orders",
        "influenced_minor",
    ),
    "day": (*_STATES, *_MONEY, "no_effect", "rolled_back_minor", "caused", "unknown", "leaked"),
    "campaign": (
        *_STATES,
        *_MONEY,
        "no_effect",
        "rolled_back_minor",
        "campaign_credits",
        "orders",
        "influenced_minor",
        "leaked",
        "leaked_minor",
    ),
    "channel": tuple(f"{model}_revenue_minor" for model in MODELS),
    "unmapped": ("confirmed", "discount_minor", "returned_minor"),
}
# Which of the recount's figures each side must equal.
LEDGER = ("orders", "redemptions", "unmapped")
INSIGHT = ("insight",)
FIDELITY = ("fidelity",)
EXPORTS = ("orders", "redemptions", "unmapped", "insight.channel", "fidelity", "postings")


@dataclass(frozen=True, slots=True)
class Verdict:
    """One side against the recount: how many figures were compared, and each that differs."""

    side: str
    compared: int
    differences: tuple[str, ...]

    @property
    def equal(self) -> bool:
        return not self.differences


def verdicts(expected: Figures, aws: LocalAws, exported: Path) -> list[Verdict]:
    """The recount against the ledger, the read models, what browsers reported, and both kinds of
    exported files."""
    return [
        verdict("ledger", expected, LEDGER, ledger(aws)),
        verdict("read models", expected, INSIGHT, insight(aws)),
        verdict("fidelity", expected, FIDELITY, fidelity.held(aws).figures),
        verdict("exported Parquet", expected, EXPORTS, exports(exported, "parquet")),
        verdict("exported CSV", expected, EXPORTS, exports(exported, "csv")),
    ]


def verdict(
    side: str, expected: Figures, prefixes: tuple[str, ...], found: Mapping[str, int]
) -> Verdict:
    """One side's figures against the recount's of the same names."""
    wanted = {name: value for name, value in expected.items() if name.startswith(prefixes)}
    return Verdict(side, len(wanted), tuple(differences(wanted, found)))


def ledger(aws: LocalAws) -> Figures:
    """The figures of the Orders and Redemptions tables."""
    return {**orders(items(aws, "Orders")), **redemptions(items(aws, "Redemptions"))}


def insight(aws: LocalAws) -> Figures:
    """The figures of the Insight table."""
    figures: Figures = {}
    for item in items(aws, "Insight"):
        row = {name: number(item, name) for name in item if name not in {"pk", "sk"}}
        name, counted = insight_figures(text(item, "pk"), text(item, "sk"), row)
        figures |= {f"{name}.{field}": value for field, value in counted.items()}
    return figures


def exports(folder: Path, kind: str) -> Figures:
    """The figures of the exported files: `reports/<dataset>/**.parquet`, `csv/<dataset>/**.csv`."""
    return {
        **orders(_rows(folder, "orders", kind)),
        **redemptions(_rows(folder, "redemptions", kind)),
        **channels(_rows(folder, "attribution", kind)),
        **fidelity.figures(_rows(folder, "fidelity", kind)),
        **postings(_rows(folder, "postings", kind)),
    }


def orders(rows: Iterable[Item]) -> Figures:
    """Orders by account, place, day and stage."""
    sums: Counter[str] = Counter()
    for row in rows:
        shop = f"{text(row, 'platform')}/{text(row, 'account')}"
        place = f"{shop}/{text(row, 'location_id')}"
        for part in ("", f".account.{shop}", f".place.{place}", f".day.{_day(row)}"):
            sums[f"orders{part}"] += 1
            sums.update({f"orders{part}.{name}": number(row, name) for name in _ORDER_MONEY})
        sums[f"orders.stage.{text(row, 'stage')}"] += 1
    return _bare(sums)


def redemptions(rows: Iterable[Item]) -> Figures:
    """Redemptions by code, day and account, and discounts without a code by account and day."""
    sums: Counter[str] = Counter()
    for row in rows:
        shop, day = f"{text(row, 'platform')}/{text(row, 'account')}", _day(row)
        if text(row, "code"):
            code = spelt(text(row, "code"))
            parts = (f".code.{code}", f".day.{day}", f".account.{shop}", f".code_day.{code}/{day}")
            for part in ("", *parts):
                sums.update(_redemption(f"redemptions{part}", row))
        elif text(row, "state") in _COUNTS:
            for part in ("", f".account.{shop}", f".day.{day}"):
                sums.update(_codeless(f"unmapped{part}", row))
    return _bare(sums)


def channels(rows: Iterable[Item]) -> Figures:
    """Revenue by channel, day and model."""
    sums: Counter[str] = Counter()
    for row in rows:
        if (model := text(row, "model")) in MODELS:
            name = f"insight.channel.{text(row, 'touch_channel')}/{_day(row)}"
            sums[f"{name}.{model}_revenue_minor"] += number(row, "revenue_minor")
    return _bare(sums)


def postings(rows: Iterable[Item]) -> Figures:
    """Documents, and what was booked on the two accounts that discounts move, by account, day and
    code; and how many documents do not balance, which nobody counts."""
    sums: Counter[str] = Counter()
    open_minor: Counter[str] = Counter()
    for row in rows:
        debit, credit = number(row, "debit_minor"), number(row, "credit_minor")
        open_minor[text(row, "document")] += debit - credit
        shop = f"{text(row, 'platform')}/{text(row, 'account')}"
        code = spelt(text(row, "code"))
        for part in ("", f".account.{shop}", f".day.{_day(row)}", f".code.{code}"):
            sums.update(_booked(f"postings{part}", text(row, "account_role"), debit, credit))
            sums[f"postings{part}.documents"] += text(row, "line") == "1"
    sums["postings.unbalanced"] = sum(bool(minor) for minor in open_minor.values())
    return _bare(sums)


def insight_figures(pk: str, sk: str, row: Mapping[str, int]) -> tuple[str, Figures]:
    """The name of a row of Insight and its counters, as the recount names them."""
    kind, *rest = (unquote(part) for part in pk.split("#"))
    place = [unquote(part) for part in sk.split("#")][:-1]
    if kind == "code":
        rest = [spelt(rest[0])]
    counted = {field: row[field] for field in _COUNTED[kind] if row.get(field)}
    return f"insight.{kind}.{'/'.join([*rest, *place])}", counted


def spelt(code: str) -> str:
    """A canonical code as the data set spells it: all digits, where the canonical has an O."""
    return code.replace("O", "0")


def _redemption(name: str, row: Item) -> Figures:
    figures = {f"{name}.{text(row, 'state')}": 1}
    if text(row, "state") in _COUNTS:
        figures[f"{name}.no_effect"] = int(number(row, "discount_minor") == 0)
        figures |= {f"{name}.{field}": number(row, field) for field in _MONEY}
    return figures


def _booked(name: str, role: str, debit: int, credit: int) -> Figures:
    if role == "takings_clearing":
        return {f"{name}.takings_credit_minor": credit, f"{name}.takings_debit_minor": debit}
    return {f"{name}.{role}_minor": debit - credit}


def _codeless(name: str, row: Item) -> Figures:
    money = {
        f"{name}.{field}": number(row, field) for field in ("discount_minor", "returned_minor")
    }
    return {f"{name}.confirmed": 1, **money}


def _day(row: Item) -> str:
    return text(row, "business_day")


def _bare(sums: Mapping[str, int]) -> Figures:
    return {name: value for name, value in sums.items() if value}


def _rows(folder: Path, dataset: str, kind: str) -> Iterator[Item]:
    """The rows of a dataset's files, every value as text or whole number."""
    top = {"parquet": "reports", "csv": "csv"}[kind]
    files = sorted(str(path) for path in (folder / top / dataset).rglob(f"*.{kind}"))
    if not files:
        return
    read = "read_parquet(?)" if kind == "parquet" else "read_csv(?, all_varchar = true)"
    found = duckdb.connect().execute(f"SELECT * FROM {read}", [files])  # noqa: S608
    names = [column[0] for column in found.description or ()]
    while rows := found.fetchmany(10_000):
        for row in rows:
            yield {name: _value(name, value) for name, value in zip(names, row, strict=True)}


def _value(name: str, value: object) -> object:
    if name.endswith("_minor"):
        return int(str(value)) if value not in (None, "") else 0
    # Text that a spreadsheet would run as a formula stands behind an apostrophe.
    return "" if value is None else str(value).removeprefix("'")
