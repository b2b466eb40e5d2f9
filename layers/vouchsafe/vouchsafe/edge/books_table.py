"""The books of reconciliation: one run for each period and account, written by reconcile alone."""

from collections.abc import Iterator
from datetime import date

from pynamodb.attributes import BinaryAttribute, NumberAttribute, UnicodeAttribute
from pynamodb.models import Model

from vouchsafe.edge.item import pack, unpack
from vouchsafe.edge.outage import translated
from vouchsafe.edge.settings import setting
from vouchsafe.pure import codec, instant
from vouchsafe.pure.books import DayResult
from vouchsafe.pure.statement import Scope, run_key

_PARTS = 200


class BookItem(Model):
    """Under a run's key: `day#<day>`, and its lists in parts: `break#<day>#..`, `code#<day>#..`.

    `ran_at` tells the parts of one run from those of the run before.
    """

    class Meta:
        table_name = setting("BOOKS_TABLE")

    pk = UnicodeAttribute(hash_key=True)
    sk = UnicodeAttribute(range_key=True)
    ran_at = UnicodeAttribute()
    breaks = NumberAttribute(null=True)
    parts = NumberAttribute(null=True)
    body = BinaryAttribute(legacy_encoding=False)


def put(result: DayResult) -> None:
    """Keeps a day's result. The day's head goes last: until then the old run stands whole."""
    run, day, ran_at = run_key(result.scope), result.scope.day, instant.text(result.ran_at)
    plain = codec.plain(result)
    lists = {"break": plain.pop("breaks"), "code": plain.pop("codes")}
    names = []
    with translated("books"):
        for kind, rows in lists.items():
            for at in range(0, len(rows), _PARTS):
                name = f"{kind}#{day.isoformat()}#{ran_at}#{at:09d}"
                names.append(name)
                BookItem(run, name, ran_at=ran_at, body=pack(rows[at : at + _PARTS])).save(
                    add_version_condition=False
                )
        BookItem(
            run,
            f"day#{day.isoformat()}",
            ran_at=ran_at,
            breaks=len(result.breaks),
            parts=len(names),
            body=pack(plain),
        ).save(add_version_condition=False)
        _clear(run, day, ran_at)


def days(scope: Scope) -> Iterator[DayResult]:
    """The results of a run's days, in the order of the days."""
    run = run_key(scope)
    with translated("books"):
        heads = list(BookItem.query(run, BookItem.sk.startswith("day#"), consistent_read=True))
        for head in heads:
            day = head.sk.partition("#")[2]
            plain = unpack(head.body)
            plain["breaks"] = _parts(run, f"break#{day}#{head.ran_at}#")
            plain["codes"] = _parts(run, f"code#{day}#{head.ran_at}#")
            yield codec.from_plain(DayResult, plain)


def days_there(scope: Scope) -> int:
    """How many days of a run have a result."""
    with translated("books"):
        return BookItem.count(run_key(scope), BookItem.sk.startswith("day#"), consistent_read=True)


def _parts(run: str, prefix: str) -> list[object]:
    found = BookItem.query(run, BookItem.sk.startswith(prefix), consistent_read=True)
    return [row for item in found for row in unpack(item.body)]


def _clear(run: str, day: date, ran_at: str) -> None:
    """Takes the lists of earlier runs of the day away."""
    for kind in ("break", "code"):
        old = BookItem.query(run, BookItem.sk.startswith(f"{kind}#{day.isoformat()}#"))
        for item in old:
            if item.ran_at < ran_at:
                item.delete(add_version_condition=False)
