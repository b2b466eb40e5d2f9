"""The stand-ins' server keeps connections alive, tells desks apart, and leaves nobody hanging."""

import http.client
import threading
from urllib.parse import urlsplit

from local.vendors.exchange import Answer, Request
from local.vendors.server import serving


class Echo:
    """Says what it was asked."""

    def answer(self, request: Request) -> Answer:
        asked = f"{request.method} {request.path} {dict(request.query)} ".encode()
        return Answer(200, asked + request.body, {"X-Url": request.url})


def ask(
    link: http.client.HTTPConnection, method: str, path: str, body: bytes | None = None
) -> tuple[int, bytes]:
    link.request(method, path, body)
    answer = link.getresponse()
    return answer.status, answer.read()


def test_one_connection_serves_many_requests() -> None:
    with serving({"/square/kew": Echo()}) as address:
        link = http.client.HTTPConnection(urlsplit(address).netloc)

        first = ask(link, "GET", "/square/kew/v2/orders?limit=5")
        second = ask(link, "POST", "/square/kew/v2/search", b"{}")
        link.close()

    assert first == (200, b"GET /v2/orders {'limit': '5'} ")
    assert second == (200, b"POST /v2/search {} {}")


def test_an_address_without_a_desk_is_not_found() -> None:
    with serving({"/square/kew": Echo()}) as address:
        link = http.client.HTTPConnection(urlsplit(address).netloc)

        status, _ = ask(link, "GET", "/square/other/v2/orders")
        link.close()

    assert status == 404


def test_nobody_hangs_on_when_it_stops() -> None:
    before = threading.active_count()
    with serving({"/slack": Echo()}) as address:
        link = http.client.HTTPConnection(urlsplit(address).netloc)
        ask(link, "GET", "/slack/x")

        during = threading.active_count()

    link.close()
    assert during > before
    assert threading.active_count() == before
