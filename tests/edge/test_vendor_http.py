"""Does a call reach only its own host, at its pace, and outlive a connection that was closed?"""

from collections.abc import Iterator
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import ClassVar

import pytest

from vouchsafe.edge import clock, vendor_http
from vouchsafe.edge.vendor_http import sender
from vouchsafe.pure.connection import Connection
from vouchsafe.pure.errors import Invalid, Refused, Throttled, Unavailable
from vouchsafe.pure.pull import Request, Response


class Vendor(BaseHTTPRequestHandler):
    """Answers with the status that the path names."""

    protocol_version = "HTTP/1.1"
    seen: ClassVar[list[str]] = []
    closes = False

    def do_GET(self) -> None:
        self.seen.append(self.path)
        status = int(self.path.strip("/").partition("?")[0] or 200)
        self.send_response(status)
        self.send_header("Content-Length", "2")
        self.send_header("Retry-After", "7")
        self.end_headers()
        self.wfile.write(b"ok")
        # Closes without having said so: what a vendor does to a connection that lies idle.
        self.close_connection = Vendor.closes

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture
def url() -> Iterator[str]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), Vendor)
    server.daemon_threads = True
    Thread(target=server.serve_forever, daemon=True).start()
    Vendor.seen.clear()
    yield f"http://127.0.0.1:{server.server_port}"
    Vendor.closes = False
    server.shutdown()
    server.server_close()


def connection(url: str, **options: str) -> Connection:
    return Connection(platform="toast", account="deli", api_url=url, options=options)


def get(url: str, path: str) -> bytes:
    return sender(connection(url), 1000)(Request(method="GET", url=f"{url}{path}")).body


def test_an_answer_comes_back(url: str) -> None:
    assert get(url, "/200?a=b") == b"ok"
    assert Vendor.seen == ["/200?a=b"]


def test_a_connection_that_was_closed_meanwhile_is_made_anew(url: str) -> None:
    Vendor.closes = True

    assert [get(url, "/200") for _ in range(3)] == [b"ok"] * 3


@pytest.mark.parametrize(
    ("status", "kind"), [(429, Throttled), (500, Unavailable), (503, Unavailable), (404, Refused)]
)
def test_refusals_say_what_to_do(url: str, status: int, kind: type[Exception]) -> None:
    with pytest.raises(kind) as error:
        get(url, f"/{status}")

    if isinstance(error.value, Throttled):
        assert error.value.retry_after_s == 7


def test_no_answer_is_an_unknown_outcome() -> None:
    with pytest.raises(Unavailable):
        get("http://127.0.0.1:1", "/200")


@pytest.mark.parametrize("elsewhere", ["http://127.0.0.1:1/x", "https://evil.test/", "file:///x"])
def test_no_address_of_a_payload_is_ever_called(url: str, elsewhere: str) -> None:
    with pytest.raises(Refused):
        sender(connection(url), 1000)(Request(method="GET", url=elsewhere))

    assert Vendor.seen == []


def test_an_address_that_the_connection_names_is_called(url: str) -> None:
    elsewhere = Connection(
        platform="till", account="kew", api_url="https://till.test", options={"login_url": url}
    )

    answer = sender(elsewhere, 1000)(Request(method="GET", url=f"{url}/200"))

    assert answer.status == 200


@pytest.mark.parametrize("pace", ["0", "-1", "fast", "1e9"])
def test_a_pace_that_is_none_is_named(url: str, pace: str) -> None:
    with pytest.raises(Invalid, match="calls_a_second"):
        sender(connection(url, calls_a_second=pace), 1)


def test_calls_are_kept_apart(url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    slept: list[float] = []
    monkeypatch.setattr(vendor_http.time, "sleep", slept.append)
    monkeypatch.setattr(vendor_http.time, "monotonic", lambda: 100.0)
    send = sender(connection(url, calls_a_second="4"), 1)

    for _ in range(3):
        send(Request(method="GET", url=f"{url}/200"))

    assert slept == [0.25, 0.5]


@pytest.mark.parametrize(
    ("said", "seconds"),
    [
        ("7", 7.0),
        ("0", 0.0),
        ("999999", 3600.0),
        ("Fri, 20 Nov 2026 12:00:30 GMT", 30.0),
        ("Fri, 20 Nov 2026 11:00:00 GMT", 1.0),
        ("Sat, 21 Nov 2026 12:00:00 GMT", 3600.0),
        ("soon", 5.0),
        ("-3", 5.0),
        ("", 5.0),
    ],
)
def test_a_vendor_says_how_long_to_wait(
    said: str, seconds: float, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(clock, "now", lambda: datetime(2026, 11, 20, 12, tzinfo=UTC))
    response = Response(status=429, headers={"retry-after": said}, body=b"")

    with pytest.raises(Throttled) as refusal:
        vendor_http._judged(response)
    assert refusal.value.retry_after_s == seconds


def test_headers_that_come_several_times_are_all_told() -> None:
    said = [("Set-Cookie", "a=1; Path=/"), ("Set-Cookie", "b=2, 3"), ("Vary", "x"), ("vary", "y")]

    assert vendor_http._joined(said) == {"set-cookie": "a=1; Path=/\nb=2, 3", "vary": "x, y"}


def test_a_host_that_was_called_long_ago_is_hung_up_on(
    url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(vendor_http, "_MOST_LINKS", 2)
    get(url, "/200")
    first = vendor_http._link("http", url.removeprefix("http://"))
    vendor_http._link("http", "one.example")
    assert first.sock is not None

    vendor_http._link("http", "two.example")

    assert first.sock is None
