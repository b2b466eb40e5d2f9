"""What a webhook tells: which objects of which merchants changed, and nothing of them. Light: it
is the door."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Annotated

from pydantic import Field, StrictStr, StringConstraints

from vouchsafe.pure.connection import Connection
from vouchsafe.pure.errors import Forged, Invalid
from vouchsafe.pure.facts import Notice
from vouchsafe.pure.hearing import Delivery, Heard
from vouchsafe.pure.identity import Identify
from vouchsafe.pure.parsing import Key, parsed

from .words import MERCHANT, Told

# The option of a connection that names the application's other merchants and their accounts,
# as `<merchant>=<account>`, with commas.
OTHERS = "others"
_KINDS = {"O": "order", "P": "payment"}
# Inventory, customers, employees, merchants, the application itself, cash, service hours; the
# reasons stand on the door-plate.
IGNORED = frozenset({"I", "IC", "IG", "IM", "C", "E", "M", "A", "CA", "SH"})
# What is told of one object several times at once is looked at once: whether it is gone comes
# first, then whether it is so new that Clover may not show it yet.
_FIRST = ("DELETE", "CREATE", "UPDATE")
_STRANGERS = "of other merchants"

Word = Annotated[StrictStr, StringConstraints(pattern=r"^[A-Za-z0-9_]{1,40}$")]


class Change(Told):
    object_id: Annotated[StrictStr, StringConstraints(pattern=r"^[A-Za-z]{1,8}:[\w-]{1,64}$")]
    type: Word


class Batch(Told):
    app_id: Key
    merchants: Mapping[Annotated[StrictStr, Field(max_length=255)], tuple[Change, ...]]


def notices(delivery: Delivery, connection: Connection, _: Identify) -> Heard:
    """The notices of a batch, one for each object. Raises Forged where it is another application's,
    and Unreadable. Merchants that are not ours have a right to be there: an application hears of
    all that installed it. They are left aside, and the event says so."""
    batch = parsed(Batch, delivery.body)
    if batch.app_id != connection.shop:
        raise Forged("the delivery is another application's")
    accounts = _accounts(connection)
    ours = {each: batch.merchants[each] for each in batch.merchants if each in accounts}
    words = {_key(change) for changes in ours.values() for change in changes}
    strangers = [_STRANGERS] if len(ours) < len(batch.merchants) else []
    return Heard(
        event=" ".join([*sorted(words), *strangers]) or "nothing",
        known=words <= _KINDS.keys() | IGNORED,
        notices=tuple(_told(ours, accounts, connection)),
    )


def _accounts(connection: Connection) -> dict[str, str]:
    """Our accounts by merchant: this connection's own, and those whose news come by its door."""
    found = {connection.options.get(MERCHANT, ""): connection.account}
    for pair in connection.options.get(OTHERS, "").split(","):
        merchant, equals, account = (each.strip() for each in pair.partition("="))
        if pair.strip() and not (merchant and equals and account):
            raise Invalid(OTHERS, "must be written <merchant>=<account>, with commas between")
        found[merchant] = account
    found.pop("", None)
    if not found:
        raise Invalid(MERCHANT, "must name the merchant whose orders this account holds")
    return found


def _told(
    ours: Mapping[str, Iterable[Change]], accounts: Mapping[str, str], connection: Connection
) -> Iterator[Notice]:
    for merchant, changes in ours.items():
        types: dict[tuple[str, str], set[str]] = {}
        for change in changes:
            key, _, object_id = change.object_id.partition(":")
            if key in _KINDS:
                types.setdefault((_KINDS[key], object_id), set()).add(change.type)
        for (kind, object_id), found in types.items():
            yield Notice(
                platform=connection.platform,
                account=accounts[merchant],
                kind=kind,
                object_id=object_id,
                details={"type": next((each for each in _FIRST if each in found), "UPDATE")},
            )


def _key(change: Change) -> str:
    return change.object_id.partition(":")[0]
