"""How far each sweep has come, so that the next one resumes there, and what it found missing.

Written by sweeps alone.
"""

from collections.abc import Iterator
from datetime import datetime

from pynamodb.attributes import NumberAttribute, UnicodeAttribute
from pynamodb.models import Model

from vouchsafe.edge.outage import translated
from vouchsafe.edge.settings import setting
from vouchsafe.pure import codec, instant
from vouchsafe.pure.facts import joined, parted
from vouchsafe.pure.gaps import Gap
from vouchsafe.pure.sweeping import Progress


class CursorItem(Model):
    """One job of one account: `sweep`, or a backfill by hand."""

    class Meta:
        table_name = setting("CURSORS_TABLE")

    pk = UnicodeAttribute(hash_key=True)
    sk = UnicodeAttribute(range_key=True)
    start = UnicodeAttribute()
    end = UnicodeAttribute()
    cursor = UnicodeAttribute(null=True)
    done = NumberAttribute(default=0)
    pages = NumberAttribute(default=0)
    listed = NumberAttribute(default=0)
    found = NumberAttribute(default=0)
    unreadable = NumberAttribute(default=0)
    updated_at = UnicodeAttribute()


class GapItem(Model):
    """One gap of one account, under the instant of the sweep that found it."""

    class Meta:
        table_name = setting("CURSORS_TABLE")

    pk = UnicodeAttribute(hash_key=True)
    sk = UnicodeAttribute(range_key=True)
    body = UnicodeAttribute()
    told = NumberAttribute(default=0)


def get(platform: str, account: str, job: str) -> Progress | None:
    """How far that job has come; None where it never began."""
    with translated("cursors"):
        try:
            item = CursorItem.get(joined((platform, account)), job, consistent_read=True)
        except CursorItem.DoesNotExist:
            return None
    return Progress(
        start=instant.parse(item.start),
        end=instant.parse(item.end),
        cursor=item.cursor,
        done=bool(item.done),
        pages=int(item.pages),
        listed=int(item.listed),
        found=int(item.found),
        unreadable=int(item.unreadable),
    )


def put(platform: str, account: str, job: str, progress: Progress, at: datetime) -> None:
    """Keeps how far the job has come."""
    with translated("cursors"):
        CursorItem(
            joined((platform, account)),
            job,
            start=instant.text(progress.start),
            end=instant.text(progress.end),
            cursor=progress.cursor,
            done=int(progress.done),
            pages=progress.pages,
            listed=progress.listed,
            found=progress.found,
            unreadable=progress.unreadable,
            updated_at=instant.text(at),
        ).save(add_version_condition=False)


def put_gap(gap: Gap, at: datetime, *, told: bool = False) -> None:
    """Keeps what the sweep of that instant found missing, and whether it was told of."""
    with translated("cursors"):
        GapItem(*_gap_place(gap, at), body=codec.dumps(gap), told=int(told)).save(
            add_version_condition=False
        )


def gaps(platform: str, account: str, most: int = 100) -> Iterator[tuple[datetime, Gap, bool]]:
    """(when it was found, gap, whether it was told of), the newest first."""
    with translated("cursors"):
        found = GapItem.query(
            joined((platform, account)),
            GapItem.sk.startswith("gap#"),
            scan_index_forward=False,
            limit=most,
            consistent_read=True,
        )
        for item in found:
            at = instant.parse(parted(item.sk)[1])
            yield at, codec.loads(Gap, item.body), bool(item.told)


def _gap_place(gap: Gap, at: datetime) -> tuple[str, str]:
    return joined((gap.platform, gap.account)), joined(("gap", instant.text(at)))
