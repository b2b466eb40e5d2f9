"""What we switched at platforms, and what became of each switch there.

Written by destinations/channels. A mark is kept for each discount that was ever switched, so that
what comes late is known as late; what was found is kept for each revision of the register that
switched something.
"""

from collections.abc import Iterable

from pynamodb.attributes import NumberAttribute, UnicodeAttribute
from pynamodb.exceptions import PutError
from pynamodb.models import Model

from vouchsafe.edge.outage import code_of, translated
from vouchsafe.edge.settings import setting
from vouchsafe.pure import codec
from vouchsafe.pure.channel import Found, Mark
from vouchsafe.pure.errors import Unavailable
from vouchsafe.pure.facts import joined


class ChannelItem(Model):
    """A mark under its account, over an older `revision` alone; a finding under its promotion."""

    class Meta:
        table_name = setting("CHANNELS_TABLE")

    pk = UnicodeAttribute(hash_key=True)
    sk = UnicodeAttribute(range_key=True)
    revision = NumberAttribute()
    body = UnicodeAttribute()


def marks(platform: str, account: str) -> dict[str, Mark]:
    """What was switched at an account, by the platform's id of it."""
    with translated("channels"):
        found = ChannelItem.query(_account(platform, account), consistent_read=True)
        read = [codec.loads(Mark, item.body) for item in found]
    return {each.object_id: each for each in read}


def put(mark: Mark) -> None:
    """Keeps it. Raises Unavailable where a newer revision has been at work: look again."""
    item = ChannelItem(
        _account(mark.platform, mark.account),
        mark.object_id,
        revision=mark.revision,
        body=codec.dumps(mark),
    )
    older = ChannelItem.pk.does_not_exist() | (ChannelItem.revision <= mark.revision)
    with translated("channels"):
        try:
            item.save(older, add_version_condition=False)
        except PutError as error:
            if code_of(error) != "ConditionalCheckFailedException":
                raise
            raise Unavailable("a newer revision of the register is at work") from error


def keep(found: Iterable[Found]) -> None:
    """Keeps what was found, over what was found earlier for the same revision."""
    with translated("channels"), ChannelItem.batch_write() as batch:
        for each in found:
            batch.save(
                ChannelItem(
                    _promotion(each.promotion_id),
                    _place(each),
                    revision=each.revision,
                    body=codec.dumps(each),
                )
            )


def found(promotion_id: str, before: str | None, most: int) -> tuple[list[Found], str | None]:
    """What became of a promotion's switches, the newest first, and where to go on."""
    condition = ChannelItem.sk < before if before else None
    with translated("channels"):
        items = list(
            ChannelItem.query(
                _promotion(promotion_id),
                condition,
                scan_index_forward=False,
                limit=most,
                consistent_read=True,
            )
        )
    read = [codec.loads(Found, item.body) for item in items]
    return read, items[-1].sk if len(items) == most else None


def _account(platform: str, account: str) -> str:
    return joined(("account", platform, account))


def _promotion(promotion_id: str) -> str:
    return joined(("promotion", promotion_id))


def _place(found: Found) -> str:
    return f"{found.revision:010d}#{joined((found.platform, found.account, found.object_id))}"
