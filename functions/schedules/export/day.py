"""A business day as files: each dataset as Parquet and CSV, and the manifest that publishes it."""

import json
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date

from vouchsafe.edge import (
    alarms_table,
    books_table,
    credits_table,
    fidelity_table,
    orders_table,
    redemptions_table,
    reports_bucket,
    tabular,
)
from vouchsafe.edge.register_table import all_accounts
from vouchsafe.pure.statement import Scope
from vouchsafe.pure.vat import UNKNOWN

from .columns import ALARMS, ATTRIBUTION, BREAKS, FIDELITY, ORDERS, POSTINGS, REDEMPTIONS, Dataset
from .postings import documents_of
from .rows import (
    Row,
    alarm_rows,
    attribution_rows,
    break_rows,
    cells,
    fidelity_rows,
    order_rows,
    posting_rows,
    redemption_rows,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Published:
    """How many rows a dataset's day has, and how many lines of them nobody knows the tax of."""

    rows: int
    vat_unknown: int


def exported(day: date) -> dict[str, Published]:
    """Writes every dataset of the day, by name. Run again, it writes the same bytes."""
    return {dataset.name: _published(dataset, day) for dataset in _SOURCES}


def was_exported(day: date) -> bool:
    """Whether anybody can have read the day: each dataset ends with its manifest."""
    manifests = (keys_of(dataset.name, day)[2] for dataset in _SOURCES)
    return any(reports_bucket.get(each) is not None for each in manifests)


@contextmanager
def files_of(dataset: Dataset, day: date) -> Iterator[tabular.Written]:
    """A dataset's files as the tables hold it now, published nowhere."""
    filled = (cells(dataset, row) for row in _SOURCES[dataset](day))
    with tabular.written(
        dataset.all_columns(),
        filled,
        sort=dataset.sort,
        sums=dataset.money,
        counts=dataset.counted,
    ) as written:
        yield written


def keys_of(dataset: str, day: date) -> tuple[str, str, str]:
    """Where Parquet, CSV and manifest of a dataset's day lie.

    Athena reads all files of a folder but those that begin with an underscore, so the CSV has a
    tree of its own.
    """
    part = f"{dataset}/day={day.isoformat()}"
    return (
        f"reports/{part}/{dataset}.parquet",
        f"csv/{part}/{dataset}.csv",
        f"reports/{part}/_manifest.json",
    )


def _published(dataset: Dataset, day: date) -> Published:
    """The files first, the manifest last: who reads the manifest finds what it promises."""
    parquet_key, csv_key, manifest_key = keys_of(dataset.name, day)
    with files_of(dataset, day) as written:
        manifest = {
            "dataset": dataset.name,
            "day": day.isoformat(),
            "rows": written.rows,
            "sums": written.sums,
            **({"counts": written.counts} if dataset.counted else {}),
            "columns": dict(dataset.all_columns()),
            "files": [
                {"key": key, "bytes": file.size, "sha256": file.sha256}
                for key, file in ((parquet_key, written.parquet), (csv_key, written.csv))
            ],
        }
        reports_bucket.put_file(parquet_key, written.parquet.path, "application/vnd.apache.parquet")
        reports_bucket.put_file(csv_key, written.csv.path, "text/csv; charset=utf-8")
    text = json.dumps(_with_past(manifest, reports_bucket.get(manifest_key)), indent=1)
    reports_bucket.put(manifest_key, text.encode(), "application/json")
    unknown = written.counts.get("vat_class", {}).get(UNKNOWN, 0)
    return Published(rows=written.rows, vat_unknown=unknown)


def _with_past(manifest: dict[str, object], before: bytes | None) -> dict[str, object]:
    """A day that changed after it was published says which files it replaces."""
    past = json.loads(before) if before else None
    if past is None:
        return manifest
    if past["files"] == manifest["files"]:
        return manifest | ({"replaces": past["replaces"]} if "replaces" in past else {})
    return manifest | {"replaces": [file["sha256"] for file in past["files"]]}


def _orders(day: date) -> Iterator[Row]:
    for order, at in orders_table.of_day(day):
        yield from order_rows(order, at)


def _discounted(day: date) -> Iterator[str]:
    """The orders that can have redemptions: most have no discount, and are not asked for any."""
    for order, _ in orders_table.of_day(day):
        if order.has_discounts():
            yield order.key.text()


def _redemptions(day: date) -> Iterator[Row]:
    for order in _discounted(day):
        for row in redemptions_table.of_order(order).values():
            yield from redemption_rows(row)


def _attribution(day: date) -> Iterator[Row]:
    for order in _discounted(day):
        for held in credits_table.of_order(order).values():
            yield from attribution_rows(held.credit)


def _alarms(day: date) -> Iterator[Row]:
    for alarm in alarms_table.of_day(day):
        yield from alarm_rows(alarm)


def _breaks(day: date) -> Iterator[Row]:
    for account in all_accounts():
        scope = Scope(
            period="daily",
            first=day,
            last=day,
            platform=account.platform,
            account=account.account,
            day=day,
        )
        for result in books_table.days(scope):
            yield from break_rows(result)


def _fidelity(day: date) -> Iterator[Row]:
    for shop in all_accounts():
        if shop.front_end:
            for result in fidelity_table.of_days(shop.platform, shop.account, day, day):
                yield from fidelity_rows(result)


def _postings(day: date) -> Iterator[Row]:
    for document in documents_of(day):
        yield from posting_rows(document, day)


_SOURCES: Mapping[Dataset, Callable[[date], Iterator[Row]]] = {
    REDEMPTIONS: _redemptions,
    ORDERS: _orders,
    ATTRIBUTION: _attribution,
    ALARMS: _alarms,
    BREAKS: _breaks,
    FIDELITY: _fidelity,
    POSTINGS: _postings,
}
