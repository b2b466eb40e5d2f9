"""The stand-ins' HTTP server: one port on loopback, a desk for each platform and account."""

import socket
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlsplit

from local.vendors.exchange import Answer, Desk, Request

HOST = "127.0.0.1"
NOBODY = Answer(404, b"nobody here", {"Content-Type": "text/plain"})


class _Server(ThreadingHTTPServer):
    """Hangs up on whoever is still connected when it stops, so that no thread outlives it."""

    daemon_threads = False

    def __init__(self, port: int, handler: type["_Handler"]) -> None:
        super().__init__((HOST, port), handler)
        self.links: set[socket.socket] = set()

    def hang_up(self) -> None:
        for link in list(self.links):
            with suppress(OSError):
                link.shutdown(socket.SHUT_RDWR)


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    # Warm functions keep their connections between calls; one that went silent is given up late.
    timeout = 900
    disable_nagle_algorithm = True
    desks: Mapping[str, Desk]
    server: _Server

    def setup(self) -> None:
        super().setup()
        self.server.links.add(self.connection)

    def finish(self) -> None:
        self.server.links.discard(self.connection)
        super().finish()

    def do_GET(self) -> None:
        self._exchange()

    def do_POST(self) -> None:
        self._exchange()

    def do_PUT(self) -> None:
        self._exchange()

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002
        """The replay shows what matters; a line for each request would bury it."""

    def _exchange(self) -> None:
        length = int(self.headers.get("Content-Length") or 0)
        body = self.rfile.read(length)
        answer = self._answer(body)
        self.send_response(answer.status)
        for name, value in answer.headers.items():
            # Cookies are one a line, and each is a header of its own.
            for line in value.split("\n"):
                self.send_header(name, line)
        self.send_header("Content-Length", str(len(answer.body)))
        self.end_headers()
        self.wfile.write(answer.body)

    def _answer(self, body: bytes) -> Answer:
        parts = urlsplit(self.path)
        for prefix, desk in self.desks.items():
            if parts.path.startswith(f"{prefix}/"):
                request = Request(
                    method=self.command,
                    path=parts.path[len(prefix) :],
                    query={
                        name: "&".join(values)
                        for name, values in parse_qs(parts.query, keep_blank_values=True).items()
                    },
                    headers={name.lower(): value for name, value in self.headers.items()},
                    body=body,
                    url=f"http://{self.headers.get('Host', HOST)}{prefix}",
                )
                return desk.answer(request)
        return NOBODY


@contextmanager
def serving(desks: Mapping[str, Desk], port: int = 0) -> Iterator[str]:
    """Serves the desks by their prefixes (`/square/journey-square`); gives the server's address."""
    handler = type("Handler", (_Handler,), {"desks": dict(desks)})
    server = _Server(port, handler)
    thread = threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True)
    thread.start()
    try:
        yield f"http://{HOST}:{server.server_address[1]}"
    finally:
        server.shutdown()
        server.hang_up()
        server.server_close()
        thread.join()
