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
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from queue import Empty, SimpleQueue
from random import Random
from urllib.parse import urlsplit

from local.dealing import SHOPS, SQUARE, Shop, place
from local.injections import REPEAT_ONE_IN, drawn
from local.payloads import shopify, square, woocommerce
from local.payloads.message import Headers, Message
from local.till import Sale
from local.world import World

MINUTES_LATE = 10
HOURS_LATE = 6
# One delivery in so many is late by hours; one in so many still has the key before the rotation.
VERY_LATE_ONE_IN = 50
OLD_KEY_ONE_IN = 10
FORGED_OF_A_KIND = 2

THREADS = 8
PATIENCE_S = 60.0
# Square and Shopify send again what was not taken; WooCommerce does not.
TRIES = {"shopify": 5, "square": 5, "woocommerce": 1}
_TAKEN = frozenset({200})
_REFUSED = frozenset({401})

_MESSAGES: Mapping[str, Callable[[Sale], Iterator[Message]]] = {
    "shopify": shopify.messages,
    "square": square.messages,
    "woocommerce": woocommerce.messages,
}


@dataclass(frozen=True, slots=True)
class Parcel:
    """One delivery ready to go, and whether it deserves to be taken."""

    shop: Shop
    account: str
    at: datetime
    headers: Headers = field(repr=False)
    body: bytes = field(repr=False)
    genuine: bool = True
    note: str = ""


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
    return f"{api_url}/webhooks/{platform}/{account}"


def parcels(world: World, api_url: str, seed: int) -> list[Parcel]:
    """Everything that is sent, in the order in which it goes."""
    random = Random(seed)  # noqa: S311  (a shuffle that can be repeated, not a secret)
    sent = [
        _signed(message, api_url)
        for sale in world.sales
        if sale.number not in world.lost
        for message in _MESSAGES[place(sale.store).shop.platform](sale)
    ]
    sent += [parcel for parcel in sent if random.randrange(REPEAT_ONE_IN) == 0]
    arrivals = [(parcel.at + _late(random), random.random(), parcel) for parcel in sent]
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


def _signed(message: Message, api_url: str) -> Parcel:
    if message.shop.platform == "shopify":
        old = drawn(message.number, "old key", OLD_KEY_ONE_IN)
        headers = shopify.headers(message, previous=old)
    elif message.shop.platform == "square":
        headers = square.headers(message, webhook_url(api_url, "square", message.shop.account))
    else:
        headers = woocommerce.headers(message)
    return Parcel(message.shop, message.shop.account, message.at, headers, message.body)


def _greetings(world: World) -> Iterator[Parcel]:
    """The ping that a WooCommerce webhook sends when it is made: unsigned, and still welcome."""
    for shop in SHOPS:
        if shop.platform == "woocommerce" and world.sales:
            ping = woocommerce.ping(shop, world.sales[0].placed_at)
            yield Parcel(shop, shop.account, ping.at, woocommerce.headers(ping), ping.body)


def _with_forgeries(queue: list[Parcel], random: Random) -> list[Parcel]:
    """The queue with forgeries of its own parcels strewn in."""
    whole = list(queue)
    for shop in SHOPS:
        own = [parcel for parcel in queue if parcel.shop == shop]
        for forge in _FORGERIES if own else ():
            for model in random.sample(own, min(FORGED_OF_A_KIND, len(own))):
                whole.insert(random.randrange(len(whole)), replace(forge(model), genuine=False))
    return whole


def _wrong_key(parcel: Parcel) -> Parcel:
    message = Message(
        replace(parcel.shop, signing_keys=("a guess",)), 0, "order.updated", parcel.at, parcel.body
    )
    url = webhook_url("http://localhost", parcel.shop.platform, parcel.account)
    if parcel.shop.platform == "shopify":
        forged = shopify.headers(message)
    elif parcel.shop.platform == "square":
        forged = square.headers(message, url)
    else:
        forged = woocommerce.headers(message)
    return replace(parcel, headers={**parcel.headers, **forged}, note="wrong key")


def _unsigned(parcel: Parcel) -> Parcel:
    kept = {
        name: value
        for name, value in parcel.headers.items()
        if not name.lower().endswith(("sha256", "signature"))
    }
    return replace(parcel, headers=kept, note="not signed")


def _changed(parcel: Parcel) -> Parcel:
    return replace(parcel, body=parcel.body.replace(b"{", b"{ ", 1), note="changed on the way")


def _nobodys(parcel: Parcel) -> Parcel:
    return replace(parcel, account="nobody", note="unknown shop")


_FORGERIES: tuple[Callable[[Parcel], Parcel], ...] = (_wrong_key, _unsigned, _changed, _nobodys)


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
    for again in range(TRIES[parcel.shop.platform]):
        time.sleep(0.2 * again)
        status = link.post(parcel)
        if status and status < 500 and status != 429:
            break
    return status


def _note(receipt: Receipt, parcel: Parcel, status: int, seconds: float) -> None:
    receipt.sent += 1
    receipt.waits.append(seconds)
    receipt.answers[parcel.shop.platform, status] += 1
    receipt.refused += not parcel.genuine and status in _REFUSED
    if status not in (_TAKEN if parcel.genuine else _REFUSED):
        kind = parcel.note or "genuine"
        receipt.surprises.append(f"{parcel.shop.platform}, {kind}: answered {status}")


class _Link:
    """One kept-alive connection to the API."""

    def __init__(self, api_url: str) -> None:
        parts = urlsplit(api_url)
        self._base = parts.path
        self._connection = http.client.HTTPConnection(
            parts.hostname or "localhost", parts.port, timeout=PATIENCE_S
        )

    def post(self, parcel: Parcel) -> int:
        """The status of the answer; 0 where the connection broke."""
        path = f"{self._base}/webhooks/{parcel.shop.platform}/{parcel.account}"
        try:
            self._connection.request("POST", path, parcel.body, dict(parcel.headers))
            answer = self._connection.getresponse()
            answer.read()
        except (OSError, http.client.HTTPException):
            self._connection.close()
            return 0
        return answer.status

    def close(self) -> None:
        self._connection.close()


def square_url(api_url: str) -> str:
    """The notification address of the Square merchant, which its signature covers."""
    return webhook_url(api_url, SQUARE.platform, SQUARE.account)
