"""What a notification tells: that a check changed, and nothing of it. Light: it is the door."""

from collections.abc import Iterator
from datetime import datetime

from pydantic import Field

from vouchsafe.pure import instant
from vouchsafe.pure.connection import Connection
from vouchsafe.pure.errors import Forged, Unreadable
from vouchsafe.pure.facts import Notice
from vouchsafe.pure.hearing import Delivery, Heard, notice_of
from vouchsafe.pure.identity import Identify
from vouchsafe.pure.parsing import Key, Narrow, UtcInstant, parsed

CHECK = "CheckNotification"
# The reasons stand on the door-plate.
IGNORED = frozenset(
    {"ConfigurationNotification", "OrganizationsNotification", "EmployeesNotification"}
)


class Type(Narrow):
    id: Key


class Resource(Narrow):
    organisation: str | None = Field(None, validation_alias="orgShortName")
    location: str | None = Field(None, validation_alias="locRef")
    check: str | None = Field(None, validation_alias="checkRef", max_length=255)


class Data(Narrow):
    at: UtcInstant | None = Field(None, validation_alias="timeStampUtc")


class Message(Narrow):
    type: Type = Field(validation_alias="messageType")
    made_at: UtcInstant | None = Field(None, validation_alias="creationDate")
    resource: Resource | None = None
    data: Data | None = None

    def told_at(self) -> datetime | None:
        return (self.data and self.data.at) or self.made_at


class Envelope(Narrow):
    messages: tuple[Message, ...]


def notices(delivery: Delivery, connection: Connection, _identify: Identify) -> Heard:
    """The notices of a delivery. Raises Forged where it is another organisation's, Unreadable."""
    messages = parsed(Envelope, delivery.body).messages
    types = {each.type.id for each in messages}
    return Heard(
        event="+".join(sorted(types)),
        known=types <= IGNORED | {CHECK},
        notices=tuple(_notices(messages, connection)),
    )


def _notices(messages: tuple[Message, ...], connection: Connection) -> Iterator[Notice]:
    """One for each check, with the newest time that was told of it."""
    newest: dict[tuple[str, str], datetime | None] = {}
    for at, message in enumerate(messages):
        resource = message.resource or Resource()
        _owned(resource, connection)
        if message.type.id != CHECK:
            continue
        if not resource.check:
            raise Unreadable(f"messages[{at}].resource.checkRef", "is missing")
        key, told = (resource.location or "", resource.check), message.told_at()
        newest[key] = max(filter(None, (told, newest.get(key))), default=None)
    for (location, check), told in newest.items():
        details = {"location": location} if location else {}
        details |= {"told_at": instant.text(told)} if told else {}
        yield notice_of(connection, "check", check, **details)


def _owned(resource: Resource, connection: Connection) -> None:
    """Simphony writes an organisation's name in lower case, whatever it is called elsewhere."""
    named = resource.organisation
    if named is not None and named.casefold() != connection.shop.casefold():
        raise Forged("the notification is another organisation's")
