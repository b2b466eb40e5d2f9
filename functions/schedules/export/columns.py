"""The columns of every dataset, in order: the one place that says them; the template must agree."""

from dataclasses import dataclass
from typing import Literal

Type = Literal["string", "bigint", "boolean", "date", "timestamp", "decimal(20,4)"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Dataset:
    """`columns` are (name, Glue type); `sort` makes the order of rows, and so the bytes, certain.

    `money` names the columns in minor units; each stands beside its value in major units, under
    the same name without `_minor`, for people and spreadsheets. `counted` names those of which the
    manifest says how many rows have each value.
    """

    name: str
    columns: tuple[tuple[str, Type], ...]
    sort: tuple[str, ...]
    money: tuple[str, ...] = ()
    counted: tuple[str, ...] = ()

    def all_columns(self) -> tuple[tuple[str, Type], ...]:
        """With the major units of each amount."""
        major: Type = "decimal(20,4)"
        added = tuple((name.removesuffix("_minor"), major) for name in self.money)
        return (*self.columns, *added)


_ORDER: tuple[tuple[str, Type], ...] = (
    ("platform", "string"),
    ("account", "string"),
    ("location_id", "string"),
    ("order_id", "string"),
    ("order_key", "string"),
    ("business_day", "date"),
    ("currency", "string"),
)

REDEMPTIONS = Dataset(
    name="redemptions",
    columns=(
        ("kind", "string"),
        *_ORDER,
        ("code", "string"),
        ("code_raw", "string"),
        ("generation", "bigint"),
        ("state", "string"),
        ("discount_minor", "bigint"),
        ("returned_minor", "bigint"),
        ("revenue_minor", "bigint"),
        ("redeemed_at", "timestamp"),
        ("confirmed_at", "timestamp"),
        ("ended_at", "timestamp"),
        ("because", "string"),
        ("promotions", "string"),
        ("code_known", "boolean"),
        ("no_effect", "boolean"),
        ("estimated", "boolean"),
        ("channel", "string"),
        ("staff", "string"),
        ("customer", "string"),
        ("discount_name", "string"),
        ("alias", "string"),
    ),
    sort=("order_key", "kind", "code", "generation", "alias", "discount_minor", "discount_name"),
    money=("discount_minor", "returned_minor", "revenue_minor"),
)

ORDERS = Dataset(
    name="orders",
    columns=(
        *_ORDER,
        ("stage", "string"),
        ("placed_at", "timestamp"),
        ("confirmed_at", "timestamp"),
        ("reversed_at", "timestamp"),
        ("returned_at", "timestamp"),
        ("updated_at", "timestamp"),
        ("gross_minor", "bigint"),
        ("discount_minor", "bigint"),
        ("tax_minor", "bigint"),
        ("tip_minor", "bigint"),
        ("total_minor", "bigint"),
        ("net_minor", "bigint"),
        ("refunded_minor", "bigint"),
        ("returned_net_minor", "bigint"),
        ("channel", "string"),
        ("staff", "string"),
        ("customer", "string"),
        ("test", "boolean"),
        ("sums_foot", "boolean"),
        ("estimated", "boolean"),
    ),
    sort=("order_key",),
    money=("gross_minor", "discount_minor", "total_minor", "net_minor", "refunded_minor"),
)

ATTRIBUTION = Dataset(
    name="attribution",
    columns=(
        *_ORDER,
        ("item_id", "string"),
        ("code", "string"),
        ("state", "string"),
        ("influence_class", "string"),
        ("low_value", "boolean"),
        ("model", "string"),
        ("touch_channel", "string"),
        ("campaign", "string"),
        ("own", "boolean"),
        ("revenue_minor", "bigint"),
        ("millionths", "bigint"),
        ("evidence", "string"),
    ),
    sort=("order_key", "item_id", "model", "touch_channel", "campaign", "own"),
    money=("revenue_minor",),
)

ALARMS = Dataset(
    name="alarms",
    columns=(
        ("alarm_id", "string"),
        ("rule", "string"),
        ("code", "string"),
        ("business_day", "date"),
        ("state", "string"),
        ("opened_at", "timestamp"),
        ("updated_at", "timestamp"),
        ("cleared_at", "timestamp"),
        ("orders", "bigint"),
        ("currency", "string"),
        ("at_risk_minor", "bigint"),
        ("evidence", "string"),
    ),
    sort=("alarm_id", "currency"),
    money=("at_risk_minor",),
)

BREAKS = Dataset(
    name="breaks",
    columns=(
        ("kind", "string"),
        ("platform", "string"),
        ("account", "string"),
        ("location_id", "string"),
        ("business_day", "date"),
        ("orders", "string"),
        ("code", "string"),
        ("field", "string"),
        ("currency", "string"),
        ("till_minor", "bigint"),
        ("ledger_minor", "bigint"),
        ("detail", "string"),
    ),
    sort=("platform", "account", "kind", "orders", "code", "field"),
    money=("till_minor", "ledger_minor"),
)

FIDELITY = Dataset(
    name="fidelity",
    columns=(
        ("platform", "string"),
        ("account", "string"),
        ("front_end", "string"),
        ("front_end_day", "date"),
        ("location_id", "string"),
        ("code", "string"),
        ("finding", "string"),
        ("redemptions", "bigint"),
        ("orders", "string"),
    ),
    sort=("platform", "account", "location_id", "code", "finding"),
)

POSTINGS = Dataset(
    name="postings",
    columns=(
        ("document", "string"),
        ("line", "bigint"),
        ("cause", "string"),
        ("reversal_of", "string"),
        *_ORDER,
        ("booked_on", "date"),
        ("happened_at", "timestamp"),
        ("account_role", "string"),
        ("debit_minor", "bigint"),
        ("credit_minor", "bigint"),
        ("voucher_class", "string"),
        ("vat_class", "string"),
        ("vat_percent", "decimal(20,4)"),
        ("code", "string"),
        ("promotions", "string"),
        ("evidence", "string"),
        ("estimated", "boolean"),
    ),
    sort=("document", "line"),
    money=("debit_minor", "credit_minor"),
    counted=("vat_class",),
)

DATASETS = (REDEMPTIONS, ORDERS, ATTRIBUTION, ALARMS, BREAKS, FIDELITY, POSTINGS)
