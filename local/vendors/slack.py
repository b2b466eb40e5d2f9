"""Slack's incoming webhook: keeps the messages, and asks now and then to come back later."""

import threading
from dataclasses import dataclass

from local.payloads.message import Document
from local.vendors.exchange import Answer, Request, Throttle

PATH = "/services/TLOCAL/BLOCAL/key"
REFUSE_ONE_IN = 5
RETRY_AFTER_S = 1


@dataclass(frozen=True, slots=True)
class Posted:
    """One message that the channel shows."""

    text: str
    document: Document


class Channel:
    """The channel that the webhook posts to. The first message is asked to come back."""

    def __init__(self) -> None:
        self._posted: list[Posted] = []
        self._lock = threading.Lock()
        self._throttle = Throttle(REFUSE_ONE_IN, first=True)
        self._refused = 0

    def answer(self, request: Request) -> Answer:
        if request.path != PATH:
            return _plain(404, "no_service")
        if request.method != "POST":
            return _plain(400, "invalid_payload")
        document = request.document()
        text = document.get("text")
        if not document:
            return _plain(400, "invalid_payload")
        if not isinstance(text, str) or not text:
            return _plain(400, "missing_text_or_fallback_or_attachments")
        return self._post(Posted(text, document))

    def posted(self) -> list[Posted]:
        """The messages so far, in the order in which they came."""
        with self._lock:
            return list(self._posted)

    @property
    def refused(self) -> int:
        """How often a message was asked to come back later."""
        return self._refused

    def _post(self, posted: Posted) -> Answer:
        with self._lock:
            if self._throttle.refuses():
                self._refused += 1
                return _plain(429, "rate_limited", {"Retry-After": str(RETRY_AFTER_S)})
            self._posted.append(posted)
        return _plain(200, "ok")


def _plain(status: int, text: str, headers: dict[str, str] | None = None) -> Answer:
    return Answer(status, text.encode(), {"Content-Type": "text/plain"} | (headers or {}))
