"""The post is as unreliable as platforms are, in the same way at each run."""

from collections import Counter

import pytest

from local.cast import PARTS
from local.dealing import SHOPS
from local.deliver import Parcel, deliver, parcels, ways
from local.vendors.exchange import Answer, Request
from local.vendors.server import serving
from local.world import World

URL = "http://localhost:1/_aws/execute-api/abc/$default"


@pytest.fixture(scope="module")
def queue(window: World) -> list[Parcel]:
    return parcels(window, seed=1)


def test_the_same_seed_sends_the_same(window: World, queue: list[Parcel]) -> None:
    assert parcels(window, seed=1) == queue
    assert parcels(window, seed=2) != queue


def test_what_is_lost_is_never_sent(window: World, queue: list[Parcel]) -> None:
    sent = b"".join(parcel.body for parcel in queue)

    assert len(window.lost) > 20
    assert not any(str(number).encode() in sent for number in window.lost)


def test_deliveries_are_shuffled_and_some_come_twice(queue: list[Parcel]) -> None:
    genuine = [parcel for parcel in queue if parcel.genuine and b"webhook_id" not in parcel.body]
    times = [parcel.message.at for parcel in genuine]
    sent = Counter((parcel.account, parcel.body) for parcel in genuine)

    assert times != sorted(times)
    assert 50 < sum(1 for count in sent.values() if count > 1) < 500


def test_each_shop_is_forged_in_four_ways(queue: list[Parcel]) -> None:
    forged = Counter((parcel.message.shop.account, parcel.forged) for parcel in queue)
    forged = Counter({key: count for key, count in forged.items() if key[1]})

    assert len(forged) == sum(len(ways(shop)) for shop in SHOPS if PARTS[shop.platform].proof)
    assert set(forged.values()) == {2}


class Door:
    """Takes what is signed, after refusing the first call with an outage."""

    def __init__(self) -> None:
        self.heard: list[bytes] = []

    def answer(self, request: Request) -> Answer:
        self.heard.append(request.body)
        if len(self.heard) == 1:
            return Answer(503, b"")
        signed = any("sha256" in name or "signature" in name for name in request.headers)
        return Answer(200 if signed else 401, b"")


def test_a_platform_sends_again_what_was_not_taken(queue: list[Parcel]) -> None:
    door = Door()
    parcel = next(each for each in queue if each.genuine and each.platform == "square")

    with serving({"/webhooks": door}) as address:
        receipt = deliver([parcel], address, lambda: None, threads=1)

    assert door.heard == [parcel.body, parcel.body]
    assert (receipt.sent, receipt.surprises) == (1, [])


class Closed:
    """Lets nobody in."""

    def answer(self, _: Request) -> Answer:
        return Answer(401, b"")


def test_an_answer_that_nobody_expects_is_named(queue: list[Parcel]) -> None:
    genuine = next(each for each in queue if each.genuine and each.platform == "square")

    with serving({"/webhooks": Closed()}) as address:
        receipt = deliver([genuine] * 2, address, lambda: None, threads=1)

    assert receipt.surprises[-1] == "square, genuine: answered 401"
