"""Do the examples of the documentation get in, and is what comes in kept, once?"""

import json
import re
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any

import pytest

from functions.sources.touchpoints.replay import handle as again
from functions.sources.touchpoints.webhook import handle
from tests import cloud
from tests.sources.test_touchpoints import sign
from tests.sources.test_touchpoints_beacon import SITE, token
from vouchsafe.edge import parking, touchpoints_table
from vouchsafe.pure.connection import Connection
from vouchsafe.pure.errors import Unavailable
from vouchsafe.pure.identity import identify_with
from vouchsafe.pure.touchpoint import Touchpoint

ACCOUNT = "tea-shop"
KEY = "current-signing-key"
SHOP = Connection(platform="touchpoints", account=ACCOUNT, signing_keys=(KEY,))
PAGE = Path(__file__).parents[2] / "docs" / "setup" / "touchpoints.md"
ANN = identify_with(cloud.IDENTITY_KEY.encode())("email", "ann@example.com") or ""
EVER = datetime(2017, 1, 1, tzinfo=UTC), datetime(2100, 1, 1, tzinfo=UTC)


@pytest.fixture(autouse=True)
def connected(aws: None) -> None:
    cloud.put_secret(f"touchpoints/{ACCOUNT}", json.dumps({"signing_keys": [KEY]}))


class Door(BaseHTTPRequestHandler):
    """HTTP as API Gateway hands it over."""

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["content-length"])).decode()
        answer = handle(
            {
                "headers": dict(self.headers.items()),
                "pathParameters": {"account": self.path.rpartition("/")[2]},
                "isBase64Encoded": False,
                "body": body,
            },
            None,
        )
        self.send_response(int(str(answer["statusCode"])))
        self.end_headers()
        self.wfile.write(str(answer["body"]).encode())

    def log_message(self, *_: object) -> None:
        pass


@contextmanager
def served() -> Iterator[str]:
    server = HTTPServer(("127.0.0.1", 0), Door)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/touchpoints/{ACCOUNT}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def now() -> datetime:
    return datetime.now(UTC)


def posted(document: Any, key: str = KEY, **headers: str) -> tuple[int, str]:
    body = document if isinstance(document, str) else json.dumps(document)
    signed = sign(body.encode(), SHOP, key, now())
    event = {
        "headers": {"Content-Type": "application/json", **signed, **headers},
        "pathParameters": {"account": ACCOUNT},
        "body": body,
    }
    answer = handle(event, None)
    return int(str(answer["statusCode"])), str(answer["body"])


def kept(customer: str = ANN) -> list[Touchpoint]:
    return touchpoints_table.of_person(customer, *EVER)


def row(**fields: object) -> dict[str, object]:
    return {
        "identity": "email:ann@example.com",
        "seen_at": "2017-11-20T09:30:00Z",
        "kind": "click",
        **fields,
    }


def test_what_a_server_tells_is_kept_once() -> None:
    answers = [posted([row(utm_source="google"), row(kind="visit")])[0] for _ in range(3)]

    assert answers == [200, 200, 200]
    assert [each.kind for each in kept()] == ["click", "visit"]


def test_a_publication_makes_its_code_known_as_given() -> None:
    posted(row(kind="publication", code="sombra-1o"))

    assert touchpoints_table.published("SOMBRA1O")
    assert not touchpoints_table.published("OTHER")


def test_a_full_load_is_kept() -> None:
    rows = [row(seen_at=f"2017-11-20T09:{at // 60:02}:{at % 60:02}Z") for at in range(600)]

    assert posted(rows)[0] == 200
    assert len(kept()) == 600


def test_a_bad_row_keeps_all_of_them_out_and_the_sender_is_told() -> None:
    rows = [row(), row(kind="visit"), row(seen_at="2017-11-20T09:30:00"), row(kind="clik")]

    status, answer = posted(rows)

    assert status == 400
    assert json.loads(answer)["message"] == (
        "[2].seen_at has no offset; "
        "[3].kind must be one of click, email_click, publication, sighting, visit"
    )
    assert kept() == []
    assert list(parking.keys("")) == []


def test_what_is_told_names_nobody(capsys: pytest.CaptureFixture[str]) -> None:
    status, answer = posted([row(kind="canary@example.com", code="=canary")])

    assert status == 400
    assert "canary" not in answer + capsys.readouterr().out


def test_what_cannot_be_kept_now_is_kept_later(monkeypatch: pytest.MonkeyPatch) -> None:
    def down(_: object) -> int:
        raise Unavailable("touchpoints: not now")

    with monkeypatch.context() as patch:
        patch.setattr(touchpoints_table, "keep", down)
        assert posted([row()])[0] == 200
    (key,) = parking.keys("unavailable/touchpoints/")
    message = {"messageId": "1", "receiptHandle": "1", "body": json.dumps({"parked": key})}
    message |= {"eventSourceARN": "arn:aws:sqs:eu-west-1:123456789012:replay"}

    again({"Records": [{**message, "attributes": {"ApproximateReceiveCount": "1"}}]}, None)

    assert [each.kind for each in kept()] == ["click"]
    assert list(parking.keys("")) == []


def test_a_forged_call_leaves_no_trace(capsys: pytest.CaptureFixture[str]) -> None:
    assert posted(row(), key="a guess")[0] == 401
    assert kept() == []
    assert list(parking.keys("")) == []
    assert json.loads(capsys.readouterr().out)["forged"] == [1]


def test_a_page_tells_of_its_person() -> None:
    expires = int((now() + timedelta(minutes=30)).timestamp())
    seen = {"kind": "visit", "seen_at": now().isoformat(), "token": token(expires=expires)}
    event = {
        "headers": {"content-type": "text/plain;charset=UTF-8", "origin": SITE},
        "pathParameters": {"account": ACCOUNT},
        "body": json.dumps(seen),
    }

    answers = [handle(event, None)["statusCode"] for _ in range(2)]

    assert answers == [200, 200]
    assert [each.kind for each in kept()] == ["visit"]


def test_the_python_of_the_documentation_gets_in() -> None:
    (program,) = re.findall(r"```python\n(.*?)```", PAGE.read_text(encoding="utf-8"), re.DOTALL)
    page = (
        '\nseen = {"kind": "visit", "seen_at": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())}'
        '\nseen["token"] = token("email:ann@example.com", "s1", "https://shop.example.com")'
        '\nheaders = {"content-type": "text/plain", "origin": "https://shop.example.com"}'
        "\nurllib.request.urlopen(urllib.request.Request(URL, json.dumps(seen).encode(), headers))"
    )

    with served() as url:
        subprocess.run(
            [sys.executable, "-c", program + page], check=True, env={"KEY": KEY, "URL": url}
        )

    assert {each.kind for each in kept()} == {"publication", "visit"}
    assert touchpoints_table.published("ANN7XK2")
