"""Does `make load` find its stack and its files, and tell a person what came of it?"""

import os
import threading
import time
from collections.abc import Iterator
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import parse_qs

import pytest

from console import load as command
from console import progress, stack
from tests.register.files import EXAMPLES
from vouchsafe.edge import register_loads, register_table
from vouchsafe.flow import load as road
from vouchsafe.flow.load import Outcome
from vouchsafe.pure.errors import Unavailable
from vouchsafe.pure.register_changes import Tally
from vouchsafe.pure.register_rows import Fault

FOLDER = str(EXAMPLES / "register")


OUTPUTS = {"RegisterTable": "Register", "TouchpointsTable": "Touchpoints"}


class CloudFormation(BaseHTTPRequestHandler):
    """Knows one stack; moto's own wants packages that nothing else here needs."""

    def do_POST(self) -> None:
        body = parse_qs(self.rfile.read(int(self.headers["Content-Length"])).decode())
        known = body["StackName"] == ["vouchsafe"]
        answer = _described() if known else "<ErrorResponse><Error><Code>ValidationError</Code>"
        self.send_response(200 if known else 400)
        self.end_headers()
        self.wfile.write((answer if known else f"{answer}</Error></ErrorResponse>").encode())

    def log_message(self, *_: object) -> None:
        """Says nothing."""


def _described() -> str:
    members = "".join(
        f"<member><OutputKey>{name}</OutputKey><OutputValue>{value}</OutputValue></member>"
        for name, value in OUTPUTS.items()
    )
    return (
        "<DescribeStacksResponse><DescribeStacksResult><Stacks><member><StackName>vouchsafe"
        f"</StackName><Outputs>{members}</Outputs></member></Stacks></DescribeStacksResult>"
        "</DescribeStacksResponse>"
    )


@pytest.fixture
def deployed(aws: None, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A stack whose outputs are the names that the tests use already."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), CloudFormation)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    address = f"http://127.0.0.1:{server.server_port}"
    monkeypatch.setenv("AWS_ENDPOINT_URL_CLOUDFORMATION", address)
    for name in ("SDK_CONNECT_TIMEOUT_S", "SDK_READ_TIMEOUT_S", "SDK_ATTEMPTS"):
        monkeypatch.setenv(name, "3")
    yield
    server.shutdown()
    server.server_close()


def test_outputs_become_the_products_environment() -> None:
    found = stack.environment_of(
        {
            "RegisterTable": "r",
            "ParkedBucket": "p",
            "ProjectionAgainQueue": "q",
            "Happenings": "h",
            "ApiUrl": "u",
        }
    )

    assert found == {
        "REGISTER_TABLE": "r",
        "PARKED_BUCKET": "p",
        "PROJECTION_AGAIN_QUEUE_URL": "q",
        "HAPPENINGS_TOPIC_ARN": "h",
    }


@pytest.mark.usefixtures("deployed")
def test_a_folder_is_loaded(capsys: pytest.CaptureFixture[str]) -> None:
    assert command.main([FOLDER]) == 0

    said = capsys.readouterr().out
    assert "promotion         3 new       0 changed       0 as they were" in said
    assert said.endswith("The register stands at revision 1.\n")
    assert register_table.snapshot().revision == 1

    assert command.main([FOLDER]) == 0
    assert "Nothing is new: the register stays at revision 1." in capsys.readouterr().out


@pytest.mark.usefixtures("deployed")
def test_a_check_only_checks(capsys: pytest.CaptureFixture[str]) -> None:
    assert command.main(["--check", FOLDER]) == 0

    assert "Checked; nothing was written." in capsys.readouterr().out
    assert register_table.snapshot().revision == 0


@pytest.mark.usefixtures("deployed")
def test_every_fault_is_told_with_its_place(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "codes.csv"
    file.write_text("code,promotion_id\nA,NONE\n,NONE\n")
    (tmp_path / "notes.md").write_text("not a table")
    (tmp_path / "old.xlsx").write_bytes(b"PK")

    assert command.main([str(tmp_path)]) == 1

    said = capsys.readouterr().out
    assert f"{file.as_posix()}:2: promotion_id is neither in the load nor in the register" in said
    assert f"{file.as_posix()}:3: code is empty" in said
    assert "old.xlsx:1: file must be .json" in said
    assert "4 faults; nothing was written." in said


def test_files_that_are_not_there_are_told(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert command.main([str(tmp_path / "none.csv")]) == 1
    assert "No such file" in capsys.readouterr().err
    assert command.main([str(tmp_path)]) == 1
    assert "no .csv or .json file" in capsys.readouterr().err


@pytest.mark.usefixtures("deployed")
def test_a_stack_that_is_not_there_is_told(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("STACK_NAME", "elsewhere")

    with pytest.raises(SystemExit) as end:
        command.main([FOLDER])

    assert end.value.code == 2
    assert "The stack 'elsewhere' cannot be asked for its tables" in capsys.readouterr().err
    assert os.environ["STACK_NAME"] == "elsewhere"


@pytest.mark.usefixtures("deployed")
def test_an_outage_is_told(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def out(*_: object, **__: object) -> Outcome:
        raise Unavailable("register: no answer")

    monkeypatch.setattr(road, "load", out)

    assert command.main([FOLDER]) == 2
    assert "Not loaded: register: no answer." in capsys.readouterr().out
    assert register_loads.head().load is None


@pytest.mark.parametrize(
    ("outcome", "told"),
    [
        (Outcome(revision=3, orders_again=7), "7 orders are derived again within a minute."),
        (Outcome(revision=3, moves_days=True), "orders from before keep their day"),
        (Outcome(revision=3, moves_credit=True), "credit given before stays as it is"),
        (Outcome(revision=3, elsewhere=True), "another run of this command is finishing it"),
        (Outcome(revision=3, finished_earlier=True), "An earlier load had been broken off"),
        (Outcome(revision=3, faults=(Fault("a.csv", 2, "code", "is empty"),)), "a.csv:2: code is"),
    ],
)
def test_a_person_is_told_what_came_of_it(outcome: Outcome, told: str) -> None:
    new = replace(outcome, tallies=(Tally(kind="code", new=1),))

    assert told in "\n".join(command.said(new, only_check=False))


def test_whoever_waits_longer_than_two_seconds_sees_how_far_it_is(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    now = [0.0]
    monkeypatch.setattr(time, "monotonic", lambda: now[0])

    with progress.Bar() as bar:
        bar.tell("looking up", 1, 10)
        now[0] = 3.0
        bar.tell("writing", 1, 10)
        bar.tell("writing", 2, 10)

    assert capsys.readouterr().err == "writing: 10 to do ...\n"
