"""When a vendor says no, do we learn how, without hearing more than its own word for it?"""

from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from threading import Thread

import pytest

from vouchsafe.edge.vendor_http import sender
from vouchsafe.pure.connection import Connection
from vouchsafe.pure.errors import Refused
from vouchsafe.pure.pull import Request

ANSWERS = {
    "/woo": b'{"code":"woocommerce_rest_shop_order_invalid_id","message":"No","data":{}}',
    "/square": b'{"errors":[{"category":"X","code":"NOT_FOUND","detail":"ann@x.org"}]}',
    "/html": b"<html>not here</html>",
    "/text": b'{"code":"Ann Smith, ann@x.org, is not here"}',
    "/list": b"[]",
    "/none": b'{"errors":[]}',
    "/deep": b"[" * 60_000,
}


class Vendor(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        body = ANSWERS[self.path]
        self.send_response(404)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture(scope="module")
def vendor() -> Iterator[str]:
    with HTTPServer(("127.0.0.1", 0), Vendor) as server:
        Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


@pytest.mark.parametrize(
    ("path", "code"),
    [
        ("/woo", "woocommerce_rest_shop_order_invalid_id"),
        ("/square", "NOT_FOUND"),
        ("/html", ""),
        ("/text", ""),
        ("/list", ""),
        ("/none", ""),
        ("/deep", ""),
    ],
)
def test_a_refusal_tells_status_and_code(vendor: str, path: str, code: str) -> None:
    send = sender(Connection(platform="p", account="a", api_url=vendor), 1000)

    with pytest.raises(Refused) as refusal:
        send(Request(method="GET", url=f"{vendor}{path}"))

    assert (refusal.value.status, refusal.value.code) == (404, code)
    assert str(refusal.value) == f"the vendor answered 404 {code}".strip()
