"""What every source room must pass; a room supplies data only, as a `Room` (see events.py).

ROOM = Room(platform="shopify", ...)

class TestShopify(SourceSuite):
    room = ROOM
"""

import json
import random
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, ClassVar

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.sources.events import NOW, Event, Room, sightings_of, stems
from tests.sources.mangling import changed, distortions, places, replaced, shuffled, without
from vouchsafe.pure import codec
from vouchsafe.pure.allocation import allocate
from vouchsafe.pure.codes import canonical
from vouchsafe.pure.connection import Connection
from vouchsafe.pure.errors import Forged, Unreadable
from vouchsafe.pure.facts import Fact, OrderKey, OrderSaid
from vouchsafe.pure.hearing import Delivery, Heard, Verdict
from vouchsafe.pure.money import exponent
from vouchsafe.pure.order import fold
from vouchsafe.pure.redemption import derive
from vouchsafe.pure.register import Account, Campaign, Code, Location, Promotion
from vouchsafe.pure.register_values import alias
from vouchsafe.pure.sighting import Sighting

ROOMS = Path(__file__).parents[2] / "functions" / "sources"
HEADINGS = [
    "Events read",
    "Events ignored, and why",
    "Authenticity",
    "Natural key and version",
    "Confirmed when",
    "Amounts are in",
    "Clock",
    "Redelivery policy",
    "What a code looks like here",
    "Pull",
    "Connection",
    "Exempt",
    "Vendor pages and date",
]
# Bodies that no vendor sends, and that must not hurt: not JSON, not an object, deep, long, wide.
HOSTILE = {
    "empty": b"",
    "text": b"not json",
    "not utf-8": b'{"id": "\xff\xfe"}',
    "null": b"null",
    "list": b"[]",
    "number": b"7",
    "cut off": b'{"id": 1, "line_items": [',
    "deep list": b"[" * 500_000,
    "deep object": b'{"id":' * 200_000,
    "long number": b'{"id": ' + b"9" * 500_000 + b"}",
    "not a number": b'{"id": NaN}',
    "a megabyte of text": b'"' + b"x" * 1_000_000 + b'"',
}
NOT_MONEY = ("NaN", "Infinity", "1e400", "twelve", "1.2.3", "0.00001", "9" * 40)
ANY_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inside: (
        st.lists(inside, max_size=4) | st.dictionaries(st.text(max_size=8), inside, max_size=4)
    ),
    max_leaves=12,
)
FUZZ = settings(
    max_examples=max(150, settings().max_examples),
    suppress_health_check=[HealthCheck.differing_executors],
)


class ReaderSuite:
    """The rules of every room: what its reading must hold, by whichever roads it has.

    Each test's name is the rule's name, by which a room may exempt itself.
    """

    room: ClassVar[Room]

    @pytest.fixture(autouse=True)
    def _unless_exempt(self, request: pytest.FixtureRequest) -> None:
        reason = self.room.exempt.get(request.node.originalname)
        if reason is not None:
            assert len(reason) > 20, "an exemption tells its reason"
            assert request.node.originalname in _plate(self.room), "and stands on the door-plate"
            pytest.xfail(reason)

    # --- What did they tell us?

    def test_every_event_gives_sound_facts(self) -> None:
        for event in self._events():
            for heard in _roads(event):
                for fact in heard.facts:
                    self._is_sound(fact, event)
                for sighting in sightings_of(heard):
                    _is_sound_sighting(sighting, event)

    def test_the_same_delivery_again_adds_nothing(self) -> None:
        for event in self._events():
            first = event.heard()
            again = event.heard(received_at=NOW + timedelta(hours=5))
            otherwise_written = event.heard(shuffled(event.body()))

            assert _ids(first) == _ids(again) == _ids(otherwise_written), event.stem

    def test_two_codes_make_two_redemptions(self) -> None:
        stem, codes = self.room.two_codes
        order = fold(Event(room=self.room, stem=stem).heard().facts)

        assert order is not None
        projected = derive(order, _Aliases(self.room.aliases))
        assert {each.code for each in projected.redemptions} == codes
        assert len(codes) == 2

    def test_a_currency_without_minor_units_keeps_its_amounts(self) -> None:
        stem, total_minor = self.room.zero_decimal
        facts = Event(room=self.room, stem=stem).heard().facts
        said = next(fact.body for fact in facts if isinstance(fact.body, OrderSaid))

        assert exponent(said.currency) == 0
        assert said.total_minor == total_minor

    def test_a_missing_field_is_named(self) -> None:
        for stem, paths in self.room.required.items():
            event = Event(room=self.room, stem=stem)
            for path in paths:
                body = without(event.body(), path)

                with pytest.raises(Unreadable) as refusal:
                    event.heard(body)
                assert refusal.value.path == path, f"{stem}: {path}"
        assert self.room.required

    def test_what_is_not_money_is_named(self) -> None:
        for stem, paths in self.room.amounts.items():
            event = Event(room=self.room, stem=stem)
            for path in paths:
                for amount in NOT_MONEY:
                    with pytest.raises(Unreadable) as refusal:
                        event.heard(changed(event.body(), path, amount))
                    assert refusal.value.path == path, f"{stem}: {path} = {amount}"
        assert self.room.amounts

    def test_no_word_of_a_person_is_kept(self) -> None:
        for stem, paths in self.room.personal.items():
            event = Event(room=self.room, stem=stem)
            body = event.body()
            for at, path in enumerate(paths):
                body = changed(body, path, f"canary{at}@canary.example")

            heard = event.heard(body)

            assert _told_something(heard)
            assert "canary" not in repr(heard).casefold()
            assert "canary" not in "".join(_dumped(heard)).casefold()
        assert self.room.personal

    # --- What can hurt?

    @pytest.mark.parametrize("hostile", HOSTILE.values(), ids=HOSTILE)
    def test_a_hostile_body_is_unreadable(self, hostile: bytes) -> None:
        for event in self._events():
            if not _ids(event.heard()):
                continue
            with pytest.raises(Unreadable):
                event.heard(hostile)
            if event.is_document:
                with pytest.raises(Unreadable):
                    event.pulled(hostile)

    @FUZZ
    @given(data=st.data())
    def test_any_json_is_heard_or_unreadable(self, data: st.DataObject) -> None:
        stem = data.draw(st.sampled_from(stems(self.room.platform)))
        event = Event(room=self.room, stem=stem)
        roads: list[Callable[[bytes], Heard]] = [event.heard]
        if event.is_document:
            roads.append(event.pulled)
        road = data.draw(st.sampled_from(roads))
        body = event.document().body if road == event.pulled else event.body()
        document = json.loads(body)
        place = data.draw(st.sampled_from(list(places(document))))
        put = data.draw(ANY_JSON)

        odd = json.dumps(replaced(document, place, put)).encode()

        try:
            road(odd)
        except Unreadable as error:
            refusal = error
        except Forged:
            return  # it names another merchant now
        else:
            return
        assert refusal.path
        assert refusal.rule

    # --- Is the door-plate true?

    def test_the_door_plate_has_its_headings(self) -> None:
        plate = _plate(self.room)

        assert re.findall(r"^## (.+)$", plate, re.MULTILINE) == HEADINGS
        assert len(plate.splitlines()) <= 80

    def test_an_exemption_names_a_rule(self) -> None:
        assert all(callable(getattr(self, rule, None)) for rule in self.room.exempt)

    # --- the suite's own means

    def _events(self) -> list[Event]:
        """The events that can be read."""
        found = [Event(room=self.room, stem=stem) for stem in stems(self.room.platform)]
        readable = [each for each in found if "unreadable" not in each.facts_file()]
        assert readable
        return readable

    def _is_sound(self, fact: Fact, event: Event) -> None:
        assert fact.order.platform == self.room.platform
        assert fact.order.account == event.connection.account
        assert OrderKey.of(fact.order.text()) == fact.order
        assert fact.order.order_id
        assert fact.object_id
        assert fact.version
        assert fact.reader == self.room.reader
        assert fact.received_at == NOW
        assert codec.loads(type(fact.body), codec.dumps(fact.body)) == fact.body
        assert all(re.fullmatch(r"[a-z]+:[0-9a-f]{33}", key) for key in fact.customer)
        if isinstance(fact.body, OrderSaid):
            _is_sound_order(fact.body)


class SourceSuite(ReaderSuite):
    """The rules of a room that is called by its platform: its door, besides."""

    # --- Is it really them?

    def test_the_genuine_delivery_is_accepted(self) -> None:
        delivery = self._genuine().delivery()

        assert self._verdict(delivery) == "genuine"

    def test_a_changed_body_is_forged(self) -> None:
        delivery = self._genuine().delivery()

        for at in random.Random(7).sample(range(len(delivery.body)), k=40):
            body = bytearray(delivery.body)
            body[at] ^= 1
            self._refused(replace(delivery, body=bytes(body)))
        self._refused(replace(delivery, body=delivery.body + b"\n"))
        self._refused(replace(delivery, body=b""))

    def test_a_changed_signature_is_forged(self) -> None:
        delivery = self._genuine().delivery()
        signature = delivery.headers[self.room.signature_header]

        for at, char in enumerate(signature):
            other = "A" if char != "A" else "B"
            self._refused(self._signed(delivery, signature[:at] + other + signature[at + 1 :]))
        for distorted in set(distortions(signature)) - {signature}:
            self._refused(self._signed(delivery, distorted))

    def test_a_missing_or_doubled_signature_is_forged(self) -> None:
        delivery = self._genuine().delivery()
        signature = delivery.headers[self.room.signature_header]
        without = {
            name: value
            for name, value in delivery.headers.items()
            if name != self.room.signature_header
        }

        self._refused(replace(delivery, headers=without))
        self._refused(self._signed(delivery, ""))
        self._refused(self._signed(delivery, f"{signature},{signature}"))
        self._refused(self._signed(delivery, f"{signature}, {signature}"))

    def test_an_unset_secret_closes_the_door(self) -> None:
        event = self._genuine()

        headers = {**event.delivery().headers, **self._proof(event.body(), "")}
        unproven = replace(event.delivery(), headers=headers)

        for keys in ((), ("",)):
            connection = replace(self.room.connection, signing_keys=keys)
            with pytest.raises(Forged):
                self._verify(unproven, connection, NOW)

    def test_the_previous_key_is_accepted_while_it_is_listed(self) -> None:
        event = self._genuine()
        old = self.room.connection.signing_keys[0]
        rotated = replace(self.room.connection, signing_keys=("the-new-signing-key", old))
        forgotten = replace(self.room.connection, signing_keys=("the-new-signing-key",))

        assert self._verify(event.delivery(), rotated, NOW) == "genuine"
        with pytest.raises(Forged):
            self._verify(event.delivery(), forgotten, NOW)

    def test_another_accounts_delivery_is_refused(self) -> None:
        delivery = self._genuine().delivery()

        for name in self.room.bound_to:
            for other in ("https://elsewhere.example", ""):
                field: dict[str, Any] = {name: other}
                connection = replace(self.room.connection, **field)
                with pytest.raises(Forged):
                    self._verify(delivery, connection, NOW)
        assert self.room.bound_to, "a delivery must be bound to the account's own shop or address"

    def test_a_stale_delivery_is_refused_where_its_time_is_signed(self) -> None:
        event = self._genuine()
        stale_after_s = self.room.stale_after_s
        if stale_after_s is None:
            later = NOW + timedelta(days=30)
            assert self._verify(event.delivery(), self.room.connection, later) == "genuine"
            return

        for age_s in (stale_after_s + 1, -stale_after_s - 1):
            delivery = event.delivery(received_at=NOW - timedelta(seconds=age_s))
            self._refused(delivery)

    def test_webhook_and_pull_say_the_same(self) -> None:
        both = [each for each in self._events() if each.is_webhook and each.is_document]

        for event in both:
            assert _ids(event.heard()) == _ids(event.pulled()), event.stem
        assert both, "at least one event must be there as a webhook and as a pulled document"

    def test_an_event_never_heard_of_is_told_apart(self) -> None:
        heard = Event(room=self.room, stem=self.room.unknown).heard()
        known = self._genuine().heard()

        assert not heard.known
        assert heard.event
        assert not _told_something(heard)
        assert known.known

    # --- the door's own means

    def _verify(self, delivery: Delivery, connection: Connection, now: datetime) -> Verdict:
        assert self.room.verify is not None
        return self.room.verify(delivery, connection, now)

    def _genuine(self) -> Event:
        return Event(room=self.room, stem=self.room.genuine)

    def _verdict(self, delivery: Delivery) -> Verdict:
        return self._verify(delivery, self.room.connection, NOW)

    def _refused(self, delivery: Delivery) -> None:
        with pytest.raises(Forged):
            self._verdict(delivery)

    def _signed(self, delivery: Delivery, signature: str) -> Delivery:
        headers = {**delivery.headers, self.room.signature_header: signature}
        return replace(delivery, headers=headers)

    def _proof(self, body: bytes, key: str) -> dict[str, str]:
        return dict(self.room.sign(body, self.room.connection, key, NOW))


def _is_sound_order(said: OrderSaid) -> None:
    lines = [each.line_id for each in said.lines]
    discounts = [each.discount_id for each in said.discounts]
    assert len(set(lines)) == len(lines)
    assert len(set(discounts)) == len(discounts)
    exponent(said.currency)
    shares = allocate(said.lines, said.discounts)
    for discount in said.discounts:
        assert discount.amount_minor >= 0
        assert sum(shares[discount.discount_id].values()) == discount.amount_minor
        assert discount.where
        # What the register would refuse, nobody could ever map to a code.
        assert [alias(each) for each in discount.aliases] == list(discount.aliases)
        if discount.shares is not None:
            assert {line for line, _ in discount.shares} <= set(lines)


def _is_sound_sighting(sighting: Sighting, event: Event) -> None:
    assert (sighting.platform, sighting.account) == (event.room.platform, event.connection.account)
    assert sighting.sighting_id
    assert sighting.times > 0
    assert all(code == canonical(code) for code in sighting.codes)
    assert len(set(sighting.codes)) == len(sighting.codes)
    assert sighting.amount_minor is None or sighting.currency
    assert codec.loads(Sighting, codec.dumps(sighting)) == sighting


def _roads(event: Event) -> Iterator[Heard]:
    if event.is_webhook:
        yield event.heard()
    if event.is_document:
        yield event.pulled()


def _ids(heard: Heard) -> set[tuple[str, str]]:
    facts = {(fact.order.text(), fact.fact_id()) for fact in heard.facts}
    touches = {(each.customer, each.touchpoint_id) for each in heard.touchpoints}
    return facts | touches | {(each.kind, codec.dumps(each)) for each in sightings_of(heard)}


def _told_something(heard: Heard) -> bool:
    told = heard.facts or heard.notices or heard.erasures or heard.touchpoints
    return bool(told or sightings_of(heard))


def _dumped(heard: Heard) -> Iterator[str]:
    for fact in heard.facts:
        yield codec.dumps(fact.body)
        yield fact.fact_id() + fact.order.text() + "".join(fact.customer)
    yield from map(codec.dumps, (*heard.touchpoints, *sightings_of(heard)))


def _plate(room: Room) -> str:
    return (ROOMS / room.platform / "README.md").read_text(encoding="utf-8")


class _Aliases:
    """A register that knows nothing but what till discounts stand for."""

    def __init__(self, aliases: Mapping[str, str]) -> None:
        self._aliases = aliases

    def account(self, platform: str, account: str) -> Account | None:
        return None

    def location(self, platform: str, account: str, location_id: str) -> Location | None:
        return None

    def code(self, canonical: str) -> Code | None:
        return None

    def alias(self, platform: str, account: str, alias: str) -> str | None:
        return self._aliases.get(alias)

    def promotion(self, promotion_id: str) -> Promotion | None:
        return None

    def campaign(self, campaign_id: str) -> Campaign | None:
        return None

    def revision(self) -> int:
        return 1
