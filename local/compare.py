"""What the deployed stack says, as figures: the ledger's tables, the read models, the exports.

Read over the API with boto3 and by DuckDB, from outside; nothing of the product is imported. The
layouts are those of the dictionary of fields in `docs/`.
"""

from collections.abc import Mapping
from urllib.parse import unquote

from local.recount import MODELS, Figures

# What a row of each kind is compared by. Other counters follow from these, or are left to tests.
_STATES = ("redeemed", "confirmed", "partially_returned", "rolled_back")
_MONEY = ("discount_minor", "returned_minor", "revenue_minor")
_COUNTED = {
    "code": (
        *_STATES,
        *_MONEY,
        "no_effect",
        "rolled_back_minor",
        "caused",
        "leaked",
        "orders",
        "influenced_minor",
    ),
    "day": (*_STATES, *_MONEY, "no_effect", "rolled_back_minor", "caused", "leaked"),
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
