"""A happening's road: take it from the destination's queue, say it, send it, remember that.

Those systems know no idempotency, so the delivery record does: `pending` before the call, `sent`
after it. An answer that was lost is asked for again: better a twin, which names its happening,
than an alarm that nobody heard.

What a happening leads to later waits on the same queue. It is there before anything is said, and
what waits is deleted only once it has been put there anew; so it is never lost, and its record
keeps it from being said twice.
"""

import math
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import datetime
from functools import lru_cache
from hashlib import sha256
from typing import Any

from vouchsafe.edge import clock, deliveries_table, journal, parking, queue, secrets
from vouchsafe.edge.deliveries_table import Sending, Status, SwitchedOff
from vouchsafe.edge.queue import Answer, Message
from vouchsafe.edge.settings import optional, setting
from vouchsafe.edge.vendor_http import sender
from vouchsafe.pure import codec
from vouchsafe.pure import happening as happenings
from vouchsafe.pure.connection import Connection
from vouchsafe.pure.errors import (
    Conflict,
    Invalid,
    Refused,
    Throttled,
    Unavailable,
    Unreadable,
    VouchsafeError,
)
from vouchsafe.pure.happening import Happening
from vouchsafe.pure.pull import Request, Send

Handler = Callable[[Mapping[str, Any], object], Answer]

# message(happening, url, runbooks_url): the whole outgoing request; None where the destination
# has nothing to say of it.
Say = Callable[[Happening, str, str], Request | None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Ladder:
    """What a destination says later, if nobody acts before.

    `as_due`: what is to be said now, or when to look again; None where nobody has to hear of it.
    `next_of`: what may have to be said after it. `accounts`: whom it is told to in place of the
    usual account, the first that is configured.
    """

    as_due: Callable[[Happening, datetime], Happening | datetime | None]
    next_of: Callable[[Happening, datetime], Happening | None]
    accounts: Callable[[Happening], Sequence[str]]


_FIRST_WAIT_S = 5.0
# Longer than a Lambda may take to tell, so that who came first has ended.
_RACED_WAIT_S = 60.0
_LONGEST_WAIT_S = 900.0
# The address itself is dead: uninstalled, archived, revoked (destinations/slack.md, 4).
_DEAD = frozenset({403, 404, 410})


def deliver(
    destination: str, say: Say, calls_a_second: float, ladder: Ladder | None = None
) -> Handler:
    """The Lambda of a destination. What may go better comes again, later each time; what never
    will goes to the dead letters at once. A ladder's happenings wait in `WAITING_QUEUE_URL`.
    """

    def handle(event: Mapping[str, Any], _context: object) -> Answer:
        with journal.line("deliver", destination=destination) as line:
            return queue.each(event, _Road(destination, say, calls_a_second, ladder, line).work)

    return handle


@dataclass(frozen=True, slots=True)
class _Address:
    """Where a destination's account is; the url is a credential, and is never printed."""

    account: str
    url: str

    def fingerprint(self) -> str:
        """Tells one address from another without telling it."""
        return sha256(self.url.encode()).hexdigest()[:16]


class _Road:
    """One batch on its way. A destination that asked for patience is left alone by the rest."""

    def __init__(
        self,
        destination: str,
        say: Say,
        calls_a_second: float,
        ladder: Ladder | None,
        line: journal.Line,
    ) -> None:
        self._destination = destination
        self._say = say
        self._calls_a_second = calls_a_second
        self._ladder = ladder
        self._line = line
        self._patience_s = 0.0

    def work(self, message: Message) -> bool:
        """Whether the message is done with."""
        try:
            return self._worked(message)
        except Throttled as reason:
            self._patience_s = reason.retry_after_s
            return self._again(message, reason.retry_after_s, "throttled", reason)
        except (Unavailable, Refused) as reason:  # a refusal here is AWS's, not the destination's
            wait_s = _FIRST_WAIT_S * 2 ** (message.attempt - 1)
            return self._again(message, wait_s, "failed", reason)

    def _worked(self, message: Message) -> bool:
        if self._patience_s:
            raise Throttled("the destination asked for patience", self._patience_s)
        happening = self._read(message)
        if happening is None:
            return True
        sending = self._sending(happening)
        if sending.status == "sent":
            self._line.count("repeated")
            return True
        if _is_under_way(sending):
            return self._raced(message)
        try:
            due = self._ladder.as_due(happening, clock.now()) if self._ladder else happening
        except Unreadable as reason:
            return self._park(message, reason)
        if isinstance(due, Happening):
            return self._told(message, due, sending)
        return self._wait(message, due) if due else self._done(sending, "over")

    def _told(self, message: Message, happening: Happening, sending: Sending) -> bool:
        try:
            address = self._address(happening, sending.account)
        except Invalid as reason:
            return self._done(sending, "not_configured", str(reason))
        sending = replace(sending, account=address.account)
        try:
            return self._sent(message, happening, sending, address)
        except Refused as reason:
            return self._refused(message, sending, address, reason)

    def _wait(self, message: Message, until: datetime) -> bool:
        """Puts it there anew, for a queue hides nothing longer than a quarter of an hour."""
        left_s = (until - clock.now()).total_seconds()
        queue.send(setting("WAITING_QUEUE_URL"), [message.body()], delay_s=math.ceil(left_s))
        self._line.count("waits")
        return True

    def _address(self, happening: Happening, usual: str) -> _Address:
        """Raises Invalid where none is configured."""
        for account in self._ladder.accounts(happening) if self._ladder else ():
            with suppress(Invalid):
                return _address(self._destination, account)
        return _address(self._destination, usual)

    def _read(self, message: Message) -> Happening | None:
        """The happening; None where the message is poison, which is parked."""
        try:
            return happenings.parse(message.text)
        except VouchsafeError as reason:
            self._park(message, reason)
            return None

    def _park(self, message: Message, reason: Exception) -> bool:
        """Poison: it can be looked at, and done with is done."""
        parking.park_record(
            consumer=self._destination, record={"text": message.text}, reason=str(reason)
        )
        self._line.count("poison")
        return True

    def _sending(self, happening: Happening) -> Sending:
        """How far it came before."""
        account = optional(f"{self._destination.upper()}_ACCOUNT", "default")
        before = deliveries_table.get(self._destination, happening.id)
        if before:
            return replace(before, account=account)
        now = clock.now()
        return Sending(
            destination=self._destination,
            happening_id=happening.id,
            happening=happening.happening,
            account=account,
            status="pending",
            attempts=0,
            first_at=now,
            updated_at=now,
        )

    def _sent(
        self, message: Message, happening: Happening, sending: Sending, address: _Address
    ) -> bool:
        request = self._said(happening, address)
        if request is None:
            return self._done(sending, "nothing_to_say")
        if not sending.attempts:
            self._lead_on(happening)
        fingerprint = address.fingerprint()
        if deliveries_table.is_switched_off(self._destination, address.account, fingerprint):
            raise Refused("the destination is switched off")
        tried = _at(sending, "pending", attempts=sending.attempts + 1)
        if not deliveries_table.begin(tried):
            return self._raced(message)
        try:
            _sender(self._destination, address.url, self._calls_a_second)(request)
        except Unavailable as reason:
            deliveries_table.put(_at(tried, "pending", reason=str(reason)))
            raise
        return self._done(tried, "sent")

    def _raced(self, message: Message) -> bool:
        """Another message says the same just now: this one looks later what came of it."""
        return self._again(message, _RACED_WAIT_S, "raced", Conflict("another is telling it"))

    def _lead_on(self, happening: Happening) -> None:
        """What comes after it is on its way before anything is said."""
        following = self._ladder.next_of(happening, clock.now()) if self._ladder else None
        if following:
            queue.send(setting("WAITING_QUEUE_URL"), [codec.plain(following)])

    def _said(self, happening: Happening, address: _Address) -> Request | None:
        """The outgoing request. What breaks the room's wording will always break it."""
        try:
            return self._say(happening, address.url, optional("RUNBOOKS_URL", ""))
        except VouchsafeError as reason:
            raise Refused(f"cannot be said: {reason}") from reason
        except Exception as error:
            raise Refused(f"cannot be said: {type(error).__name__}") from error

    def _refused(
        self, message: Message, sending: Sending, address: _Address, reason: Refused
    ) -> bool:
        """Nobody will ever take it: a person must look, so it goes where people look."""
        if reason.status in _DEAD:
            self._switch_off(address, reason)
        tried = deliveries_table.get(self._destination, sending.happening_id) or sending
        deliveries_table.put(_at(tried, "refused", reason=str(reason)))
        queue.send(setting("DEAD_LETTERS_QUEUE_URL"), [message.body()])
        self._line.count("refused")
        self._line.note(reason=str(reason))
        return True

    def _switch_off(self, address: _Address, reason: Refused) -> None:
        deliveries_table.switch_off(
            SwitchedOff(
                destination=self._destination,
                account=address.account,
                fingerprint=address.fingerprint(),
                since=clock.now(),
                reason=str(reason),
            )
        )
        self._line.count("switched_off")
        journal.error(
            "destination is switched off until its secret changes",
            destination=self._destination,
            account=address.account,
            status=reason.status,
        )

    def _done(self, sending: Sending, status: Status, reason: str = "") -> bool:
        deliveries_table.put(_at(sending, status, reason=reason))
        self._line.count(status)
        self._line.note(happening=sending.happening, happening_id=sending.happening_id)
        return True

    def _again(self, message: Message, wait_s: float, how: str, reason: Exception) -> bool:
        self._line.count(how)
        self._line.note(reason=str(reason))
        try:
            queue.put_off(message, min(wait_s, _LONGEST_WAIT_S))
        except Unavailable:
            self._line.count("not_put_off")  # it comes again when its visibility ends
        return False


def _is_under_way(sending: Sending) -> bool:
    """Whether an attempt may still be going on: a failed one has left its reason."""
    begun = sending.status == "pending" and sending.attempts and not sending.reason
    age_s = (clock.now() - sending.updated_at).total_seconds()
    return bool(begun) and age_s < _RACED_WAIT_S


def _at(
    sending: Sending, status: Status, *, attempts: int | None = None, reason: str = ""
) -> Sending:
    made = sending.attempts if attempts is None else attempts
    return replace(sending, status=status, attempts=made, updated_at=clock.now(), reason=reason)


def _address(destination: str, account: str) -> _Address:
    return _Address(account, secrets.webhook_url(destination, account))


@lru_cache(maxsize=8)
def _sender(destination: str, url: str, calls_a_second: float) -> Send:
    """Kept from batch to batch, so that the destination's pace is."""
    connection = Connection(platform=destination, account="", api_url=url)
    return sender(connection, calls_a_second)
