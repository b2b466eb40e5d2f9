"""How much of each shop's days its front end reported; written by schedules/fidelity alone."""

from collections.abc import Iterator
from datetime import date, timedelta

from pynamodb.attributes import BinaryAttribute, UnicodeAttribute
from pynamodb.models import Model

from vouchsafe.edge.item import pack, unpack
from vouchsafe.edge.outage import translated
from vouchsafe.edge.settings import setting
from vouchsafe.pure import codec, instant
from vouchsafe.pure.facts import joined
from vouchsafe.pure.fidelity import DayFidelity

# An item holds 400 KB, keys and all.
_PART = 350_000


class FidelityItem(Model):
    """A day of a shop, packed: under the day, where it is small, and the rest in parts beside it.

    The parts of one judgement bear its name, and the day's own item goes last: until then the
    judgement before it stands whole.
    """

    class Meta:
        table_name = setting("FIDELITY_TABLE")

    pk = UnicodeAttribute(hash_key=True)
    sk = UnicodeAttribute(range_key=True)
    parts = UnicodeAttribute(null=True)
    body = BinaryAttribute(legacy_encoding=False)


def put(result: DayFidelity) -> None:
    """Keeps a day's result; judged again, it replaces the one before."""
    pk, day = joined((result.platform, result.account)), result.day.isoformat()
    packed = pack(codec.plain(result))
    name = f"part#{day}#{instant.text(result.judged_at)}#"
    with translated("fidelity"):
        for at in range(_PART, len(packed), _PART):
            FidelityItem(pk, f"{name}{at:09d}", body=packed[at : at + _PART]).save(
                add_version_condition=False
            )
        head = FidelityItem(pk, day, body=packed[:_PART])
        head.parts = name if len(packed) > _PART else None
        head.save(add_version_condition=False)


def of_days(platform: str, account: str, first: date, last: date) -> Iterator[DayFidelity]:
    """The results of a shop's days, both ends included, in order."""
    within = FidelityItem.sk.between(first.isoformat(), last.isoformat())
    with translated("fidelity"):
        found = FidelityItem.query(joined((platform, account)), within, consistent_read=True)
        yield from (codec.from_plain(DayFidelity, unpack(_whole(item))) for item in found)


def _whole(item: FidelityItem) -> bytes:
    if not item.parts:
        return item.body
    rest = FidelityItem.query(item.pk, FidelityItem.sk.startswith(item.parts), consistent_read=True)
    return b"".join([item.body, *(each.body for each in rest)])


def days_before(platform: str, account: str, day: date, days: int) -> list[DayFidelity]:
    """The results of the days before one, in order."""
    return list(of_days(platform, account, day - timedelta(days=days), day - timedelta(days=1)))
