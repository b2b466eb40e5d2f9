"""Codes and discounts on orders that the register does not know: each is kept and told once."""

from datetime import datetime
from functools import partial

from vouchsafe.edge import redemptions_table, topic
from vouchsafe.edge.alarms_table import unregistered_key
from vouchsafe.edge.redemptions_table import Row
from vouchsafe.edge.settings import setting
from vouchsafe.pure import codec
from vouchsafe.pure.census import Noticed, of_discount
from vouchsafe.pure.happening import Happening
from vouchsafe.pure.redemption import Redemption
from vouchsafe.pure.register import Register

from .book import Book, written
from .change import Record

_MOST_KEPT = 20_000
# Subjects that were told of: a code that goes on costs no read and no write.
_told: set[str] = set()


def noticed(record: Record, register: Register) -> Noticed | None:
    """What the order bears that the register does not know; None where it knows, or all is gone."""
    image = record["dynamodb"].get("NewImage")
    return borne(redemptions_table.from_image(image)[0], register) if image else None


def borne(row: Row, register: Register) -> Noticed | None:
    """The code or discount of a row, if the register does not know it."""
    if isinstance(row, Redemption):
        known, subject, shown = register.code(row.code) is not None, row.code, row.code_raw
    else:
        platform, account = row.key.platform, row.key.account
        known = any(register.alias(platform, account, each) for each in row.aliases)
        subject, shown = of_discount(platform, account, row.alias()), row.name or row.alias()
    if known:
        return None
    return Noticed(
        subject=subject,
        shown=shown,
        platform=row.key.platform,
        account=row.key.account,
        order=row.key.text(),
        seen_at=row.redeemed_at,
        currency=row.currency,
        discount_minor=row.discount_minor,
        place=row.location_id or "",
    )


def notice(found: Noticed, at: datetime) -> bool:
    """Keeps it and tells of it, unless that was done; whether it was told now.

    A crash before the table knows that it was told brings the same happening again, under one id.
    """
    if found.subject in _told:
        return False
    standing = written(partial(_kept, found))
    if not standing.told:
        topic.publish(_happening(standing, at))
        written(partial(_remembered, standing))
    if len(_told) >= _MOST_KEPT:
        _told.clear()
    _told.add(found.subject)
    return not standing.told


def _kept(found: Noticed, book: Book) -> Noticed:
    """As it was kept first: later orders bear no news."""
    key = unregistered_key(found.subject)
    standing = book.get(Noticed, key)
    if standing is None:
        book.put(key, found)
    return standing or found


def _remembered(standing: Noticed, book: Book) -> None:
    book.put(unregistered_key(standing.subject), standing.as_told())


def _happening(standing: Noticed, at: datetime) -> Happening:
    return Happening(
        happening="CodeUnregistered",
        id=f"unregistered:{unregistered_key(standing.subject).sk}",
        at=at,
        stack=setting("STACK_NAME"),
        subject=codec.plain(standing),
    )
