"""One local AWS for all end-to-end tests, with every role's rights enforced as AWS does."""

import urllib.error
import urllib.request
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import pytest

from local.aws import LocalAws


@dataclass(frozen=True)
class Answer:
    """What came back over HTTP."""

    status: int
    body: bytes


Call = Callable[..., Answer]


@pytest.fixture(scope="session")
def aws(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LocalAws]:
    folder: Path = tmp_path_factory.mktemp("local-aws")
    with LocalAws(folder, enforce=True) as running:
        running.deploy()
        yield running


@pytest.fixture(scope="session")
def call(aws: LocalAws) -> Call:
    """Calls the HTTP API: method, path, body, headers."""

    def called(
        method: str, path: str, body: bytes | None = None, headers: Mapping[str, str] | None = None
    ) -> Answer:
        request = urllib.request.Request(
            f"{aws.api_url}{path}", body, dict(headers or {}), method=method
        )
        try:
            with urllib.request.urlopen(request, timeout=60) as answer:
                return Answer(answer.status, answer.read())
        except urllib.error.HTTPError as refusal:
            with refusal:
                return Answer(refusal.code, refusal.read())

    return called
