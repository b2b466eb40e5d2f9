"""The VAT classes as an admin has set them, kept beside the proposals; finance's export reads."""

from pynamodb.attributes import NumberAttribute, UnicodeAttribute
from pynamodb.models import Model
from pynamodb.transactions import TransactWrite

from vouchsafe.edge.outage import translated
from vouchsafe.edge.settings import setting
from vouchsafe.pure import codec
from vouchsafe.pure.vat import Vat

_PLACE = ("setting", "vat")


class VatItem(Model):
    """The classes (`body`), and how often they were set."""

    class Meta:
        table_name = setting("PROPOSALS_TABLE")

    pk = UnicodeAttribute(hash_key=True)
    sk = UnicodeAttribute(range_key=True)
    version = NumberAttribute()
    body = UnicodeAttribute()


def standing() -> Vat:
    """The classes as they were set last; none where nobody has set any."""
    with translated("proposals"):
        try:
            return codec.loads(Vat, VatItem.get(*_PLACE, consistent_read=True).body)
        except VatItem.DoesNotExist:
            return Vat()


def put(vat: Vat, transaction: TransactWrite) -> None:
    """Keeps the classes over their last version, within that transaction."""
    item = VatItem(*_PLACE, version=vat.version, body=codec.dumps(vat))
    unseen = VatItem.pk.does_not_exist() if vat.version == 1 else VatItem.version == vat.version - 1
    transaction.save(item, unseen)
