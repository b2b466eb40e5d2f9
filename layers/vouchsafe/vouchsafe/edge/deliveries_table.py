"""What was sent to whom, one item for each happening, and destinations that were switched off."""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal, cast

from pynamodb.attributes import NumberAttribute, UnicodeAttribute
from pynamodb.exceptions import PutError
from pynamodb.expressions.condition import Condition
from pynamodb.models import Model

from vouchsafe.edge.outage import translated
from vouchsafe.edge.settings import setting
from vouchsafe.pure import instant
from vouchsafe.pure.facts import joined

# not_configured: nobody said where to; nothing_to_say: the destination has no words for it; over:
# nobody had to hear of it any more when its time came.
Status = Literal["pending", "sent", "refused", "not_configured", "nothing_to_say", "over"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Sending:
    """One happening on its way to a destination. `attempts` counts calls that were made."""

    destination: str
    happening_id: str
    happening: str
    account: str
    status: Status
    attempts: int
    first_at: datetime
    updated_at: datetime
    reason: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class SwitchedOff:
    """A destination that will not take anything more; `fingerprint` is its address's."""

    destination: str
    account: str
    fingerprint: str
    since: datetime
    reason: str


class DeliveryItem(Model):
    """A Sending under `destination#happening id`, or the mark of a destination switched off."""

    class Meta:
        table_name = setting("DELIVERIES_TABLE")

    pk = UnicodeAttribute(hash_key=True)
    status = UnicodeAttribute()
    happening = UnicodeAttribute(null=True)
    account = UnicodeAttribute()
    attempts = NumberAttribute(default=0)
    first_at = UnicodeAttribute()
    updated_at = UnicodeAttribute()
    reason = UnicodeAttribute(null=True)
    fingerprint = UnicodeAttribute(null=True)


def get(destination: str, happening_id: str) -> Sending | None:
    """How far that happening came on its way; None where it was never tried."""
    item = _item(joined((destination, happening_id)))
    if item is None:
        return None
    return Sending(
        destination=destination,
        happening_id=happening_id,
        happening=item.happening or "",
        account=item.account,
        status=cast(Status, item.status),
        attempts=int(item.attempts),
        first_at=instant.parse(item.first_at),
        updated_at=instant.parse(item.updated_at),
        reason=item.reason or "",
    )


def begin(sending: Sending) -> bool:
    """Keeps that an attempt begins, its number counted. False where it is known to be sent by now,
    or another has begun an attempt of that number."""
    earlier = DeliveryItem.attempts < sending.attempts
    return _kept(sending, (DeliveryItem.status != "sent") & earlier)


def put(sending: Sending) -> bool:
    """Keeps it, unless it is known to be sent by now. False if so."""
    return _kept(sending, DeliveryItem.status != "sent")


def _kept(sending: Sending, over: Condition) -> bool:
    """Kept where there is nothing yet, or what is there may be written over."""
    item = DeliveryItem(
        joined((sending.destination, sending.happening_id)),
        status=sending.status,
        happening=sending.happening,
        account=sending.account,
        attempts=sending.attempts,
        first_at=instant.text(sending.first_at),
        updated_at=instant.text(sending.updated_at),
        reason=sending.reason or None,
    )
    with translated("deliveries"):
        try:
            item.save(DeliveryItem.pk.does_not_exist() | over, add_version_condition=False)
        except PutError as error:
            if error.cause_response_code == "ConditionalCheckFailedException":
                return False
            raise
    return True


def switch_off(off: SwitchedOff) -> None:
    """Notes that the destination's address is dead: nothing is sent there until it changes."""
    at = instant.text(off.since)
    with translated("deliveries"):
        DeliveryItem(
            _address(off.destination, off.account),
            status="switched_off",
            account=off.account,
            first_at=at,
            updated_at=at,
            reason=off.reason,
            fingerprint=off.fingerprint,
        ).save(add_version_condition=False)


def is_switched_off(destination: str, account: str, fingerprint: str) -> bool:
    """Whether that very address was given up."""
    item = _item(_address(destination, account))
    return item is not None and item.fingerprint == fingerprint


def _item(pk: str) -> DeliveryItem | None:
    with translated("deliveries"):
        try:
            return DeliveryItem.get(pk, consistent_read=True)
        except DeliveryItem.DoesNotExist:
            return None


def _address(destination: str, account: str) -> str:
    return joined(("destination", destination, account))
