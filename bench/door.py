"""What a delivery costs at the door, warm: the whole handler, and what comes before the write."""

import json
from functools import partial

from bench.deliveries import delivery, door, http_event, secrets
from bench.figure import Effort, Figure, Section, at_most, plain
from bench.put import one_put
from bench.rounds import Work, best
from bench.wire import Answers, wired
from tests.sources.events import IDENTIFY, Room, room_of
from vouchsafe.pure.hearing import Delivery, Heard

# (name, platform, event, times P at most): performance.md, 8: 1.5 P for one code and 1.05 P a
# further one. Square's order is only named: it goes onto the queue, which is a call like a put.
CASES = (
    ("shopify, one code", "shopify", "orders_paid", 1.5),
    ("shopify, two codes", "shopify", "orders_create.two_codes", 2.55),
    ("square, an order is named", "square", "order_updated", 1.5),
    ("woocommerce, one code", "woocommerce", "order_updated.completed", 1.5),
    ("woocommerce, two codes", "woocommerce", "order_created.two_coupons", 2.55),
)
# G5 asks for 1.1 of orjson.loads, which takes 17.2 us where json.loads takes 41 (section 3).
_OF_JSON = round(1.1 * 17.2 / 41, 2)


def section(effort: Effort) -> Section:
    rounds = effort.of(25, 2)
    effort.tell(0, 2)
    whole = _whole(rounds)
    effort.tell(1, 2)
    read = _read(rounds)
    effort.tell(2, 2)
    return Section(
        title="The door, warm",
        floor="P, one conditional put through botocore; for reading, json.loads of the same body",
        figures=(*whole, *read),
        notes=(
            "CPU time, the best of 25 rounds; AWS answers in memory, the SDK's own work is real.",
            "A platform's order is one fact and one put, however many codes stand on it.",
        ),
    )


def _whole(rounds: int) -> list[Figure]:
    works: dict[str, Work] = {"P": one_put()}
    for name, platform, stem, _ in CASES:
        handle, event = door(platform), http_event(delivery(platform, stem))
        works[name] = partial(handle, event, None)
    with wired(_answers(secrets())):
        found = best(works, rounds)
    floor = found["P"]
    yardstick = plain("P", floor * 1e6, unit="us", digits=0)
    return [
        yardstick,
        *(
            at_most(name, found[name] / floor, most, unit="P", detail=f"{found[name] * 1e6:.0f} us")
            for name, _, _, most in CASES
        ),
    ]


def _read(rounds: int) -> list[Figure]:
    figures = []
    for name, platform, stem, _ in CASES:
        room, sent = room_of(platform), delivery(platform, stem)
        works: dict[str, Work] = {
            "floor": partial(json.loads, sent.body),
            "read": partial(_verified_and_read, room, sent),
        }
        found = best(works, rounds)
        detail = f"{found['read'] * 1e6:.0f} us, {len(sent.body):,} bytes"
        ratio = found["read"] / found["floor"]
        figures.append(
            at_most(f"verify and read: {name}", ratio, _OF_JSON, unit="json.loads", detail=detail)
        )
    return figures


def _verified_and_read(room: Room, sent: Delivery) -> Heard:
    room.verify(sent, room.connection, sent.received_at)
    return room.read(sent, room.connection, IDENTIFY)


def _answers(held: dict[str, str]) -> Answers:
    def answer(operation: str, body: bytes) -> bytes:
        if operation == "secrets-manager.GetSecretValue":
            return json.dumps({"SecretString": held[json.loads(body)["SecretId"]]}).encode()
        if operation == "sqs.SendMessageBatch":
            return b'{"Successful": [], "Failed": []}'
        return b"{}"

    return answer
