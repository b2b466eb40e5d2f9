"""The post: what the platforms send through the HTTP API, as unreliably as platforms do.

Deliveries come in the order of the world's clock, but not quite: most are late by minutes, a few by
hours. One in twenty comes twice. What a world has lost is never sent, and the sweep has to find it.
A few are forged: signed with a wrong key, not signed, changed on the way, or for a shop that nobody
connected. Every choice is drawn from a seed.
"""

import http.client
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from queue import Empty, SimpleQueue
from random import Random
from typing import Literal
from urllib.parse import urlsplit

from local.cast import PARTS, Part
from local.dealing import SHOPS, Shop, place
from local.injections import REPEAT_ONE_IN
from local.payloads.message import Headers, Message
from local.tellers import TELLERS, Teller
from local.world import World

MINUTES_LATE = 10
HOURS_LATE = 6
# One delivery in so many is late by hours.
VERY_LATE_ONE_IN = 50
FORGED_OF_A_KIND = 2

THREADS = 8
PATIENCE_S = 60.0
_TAKEN = frozenset({200})
_REFUSED = frozenset({401})
_NOT_STARTED = 502
_STARTS = 4

# A signature that holds the time is good for five minutes.
LONG_AGO = timedelta(minutes=6)

Forgery = Literal[
    "", "wrong key", "not signed", "changed on the way", "unknown shop", "signed long ago"
]


@dataclass(frozen=True, slots=True)
class Parcel:
    """One delivery ready to go. It is signed as it goes, for some platforms sign the time.

    `forged` says in which way it does not deserve to be taken; empty for a genuine one.
    """

    message: Message
    account: str
    forged: Forgery = ""

    @property
    def platform(self) -> str:
        return self.message.shop.platform

    @property
    def genuine(self) -> bool:
        return not self.forged

    @property
    def body(self) -> bytes:
        body = self.message.body
        if self.forged != "changed on the way":
            return body
        # One byte more in the middle, whatever the body's language.
        return body[: len(body) // 2] + b" " + body[len(body) // 2 :]

    def headers(self, api_url: str) -> Headers:
        """What goes with it, signed now."""
        message, manner = self.message, manner_of(self.platform)
        if self.forged == "wrong key":
            message = replace(message, shop=replace(message.shop, signing_keys=("YSBndWVzcw==",)))
        headers = self._sealed(message, api_url)
        if self.forged != "not signed":
            return headers
        return {name: value for name, value in headers.items() if name.lower() not in manner.proof}

    def _sealed(self, message: Message, api_url: str) -> Headers:
        if self.platform in TELLERS:
            late = LONG_AGO if self.forged == "signed long ago" else timedelta()
            return TELLERS[self.platform].headers(message, datetime.now(UTC) - late)
        url = webhook_url(api_url, self.platform, message.shop.account)
        return PARTS[self.platform].headers(message, url)


@dataclass(slots=True)
class Receipt:
    """What came back: answers by platform and status, seconds, and what went another way."""

    sent: int = 0
    seconds: float = 0.0
    answers: Counter[tuple[str, int]] = field(default_factory=Counter)
    refused: int = 0
    surprises: list[str] = field(default_factory=list)
    waits: list[float] = field(default_factory=list, repr=False)

    def wait_ms(self, part: float) -> int:
        """How long a delivery waited for its answer, at that part of all deliveries."""
        ordered = sorted(self.waits)
        return round(ordered[min(int(len(ordered) * part), len(ordered) - 1)] * 1000)


def webhook_url(api_url: str, platform: str, account: str) -> str:
    """The address that a platform was told to send to."""
    road = "/touchpoints" if platform == "touchpoints" else f"/webhooks/{platform}"
    return f"{api_url}{road}/{account}"


def manner_of(platform: str) -> Part | Teller:
    """How a platform proves its deliveries, and how often it tries."""
    return TELLERS[platform] if platform in TELLERS else PARTS[platform]


def parcels(world: World, seed: int) -> list[Parcel]:
    """Everything that is sent, in the order in which it goes."""
    random = Random(seed)  # noqa: S311  (a shuffle that can be repeated, not a secret)
    sent = [
        Parcel(message, message.shop.account)
        for sale in world.sales
        if sale.number not in world.lost
        for message in PARTS[place(sale.store).shop.platform].messages(sale)
    ]
    sent += [parcel for parcel in sent if random.randrange(REPEAT_ONE_IN) == 0]
    arrivals = [(parcel.message.at + _late(random), random.random(), parcel) for parcel in sent]
    arrivals.sort(key=lambda each: each[:2])
    queue = [parcel for _, _, parcel in arrivals]
    return [*_greetings(world), *_with_forgeries(queue, random)]


def deliver(
    queue: Sequence[Parcel], api_url: str, done: Callable[[], None], threads: int = THREADS
) -> Receipt:
    """Sends the parcels with a few clients at once; `done` is called after each."""
    waiting: SimpleQueue[Parcel] = SimpleQueue()
    for parcel in queue:
        waiting.put(parcel)
    receipt, lock = Receipt(), threading.Lock()
    clients = [
        threading.Thread(target=_client, args=(waiting, api_url, receipt, lock, done))
        for _ in range(threads)
    ]
    begun = time.monotonic()
    for client in clients:
        client.start()
    for client in clients:
        client.join()
    receipt.seconds = time.monotonic() - begun
    return receipt


def _late(random: Random) -> timedelta:
    if random.randrange(VERY_LATE_ONE_IN) == 0:
        return timedelta(hours=HOURS_LATE * random.random())
    return timedelta(minutes=MINUTES_LATE * random.random())


def _greetings(world: World) -> Iterator[Parcel]:
    """What a platform sends when a webhook is made: unsigned with some, and still welcome."""
    for shop in SHOPS if world.sales else ():
        for message in PARTS[shop.platform].greeting(shop, world.sales[0]):
            yield Parcel(message, shop.account)


def _with_forgeries(queue: list[Parcel], random: Random) -> list[Parcel]:
    """The queue with forgeries of its own parcels strewn in."""
    whole = list(queue)
    for shop in SHOPS:
        own = [parcel for parcel in queue if parcel.message.shop == shop]
        for forged in ways(shop) if own else ():
            account = "nobody" if forged == "unknown shop" else shop.account
            for model in random.sample(own, min(FORGED_OF_A_KIND, len(own))):
                whole.insert(random.randrange(len(whole)), Parcel(model.message, account, forged))
    return whole


def ways(shop: Shop) -> list[Forgery]:
    """Every way of forging that the platform's proof can notice."""
    signs_body = manner_of(shop.platform).signs_body
    every: tuple[Forgery, ...] = ("wrong key", "not signed", "changed on the way", "unknown shop")
    return [way for way in every if signs_body or way != "changed on the way"]


def _client(
    waiting: "SimpleQueue[Parcel]",
    api_url: str,
    receipt: Receipt,
    lock: threading.Lock,
    done: Callable[[], None],
) -> None:
    link = _Link(api_url)
    while True:
        try:
            parcel = waiting.get_nowait()
        except Empty:
            link.close()
            return
        begun = time.monotonic()
        status = _sent(link, parcel)
        with lock:
            _note(receipt, parcel, status, time.monotonic() - begun)
        done()


def _sent(link: "_Link", parcel: Parcel) -> int:
    """The last answer to a parcel, sent again as its platform would."""
    status = 0
    for again in range(manner_of(parcel.platform).tries):
        time.sleep(0.2 * again)
        status = _started(link, parcel)
        if status and status < 500 and status != 429:
            break
    return status


def _started(link: "_Link", parcel: Parcel) -> int:
    """The answer of a function that ran. A 502 is the local AWS's own, whose workers race each
    other while they start: what was sent then goes once more, whatever its platform."""
    status = link.post(parcel)
    for again in range(1, _STARTS):
        if status != _NOT_STARTED:
            break
        time.sleep(0.3 * again)
        status = link.post(parcel)
    return status


def _note(receipt: Receipt, parcel: Parcel, status: int, seconds: float) -> None:
    receipt.sent += 1
    receipt.waits.append(seconds)
    receipt.answers[parcel.platform, status] += 1
    receipt.refused += not parcel.genuine and status in _REFUSED
    if status not in (_TAKEN if parcel.genuine else _REFUSED):
        kind = parcel.forged or "genuine"
        receipt.surprises.append(f"{parcel.platform}, {kind}: answered {status}")


class _Link:
    """One kept-alive connection to the API."""

    def __init__(self, api_url: str) -> None:
        parts = urlsplit(api_url)
        self._api_url = api_url
        self._connection = http.client.HTTPConnection(
            parts.hostname or "localhost", parts.port, timeout=PATIENCE_S
        )

    def post(self, parcel: Parcel) -> int:
        """The status of the answer; 0 where the connection broke."""
        path = urlsplit(webhook_url(self._api_url, parcel.platform, parcel.account)).path
        headers = dict(parcel.headers(self._api_url))
        try:
            self._connection.request("POST", path, parcel.body, headers)
            answer = self._connection.getresponse()
            answer.read()
        except (OSError, http.client.HTTPException):
            self._connection.close()
            return 0
        return answer.status

    def close(self) -> None:
        self._connection.close()
