"""The local AWS: one process on loopback that runs the real template.

    with LocalAws(Path(".local/aws")) as aws:
        aws.deploy()
        aws.put_secret("square/kew", {...})
        aws.client("dynamodb").scan(TableName=aws.outputs["FactsTable"])

What it keeps when it is stopped or killed is written down in the README, "The local AWS".
"""

import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Mapping
from pathlib import Path
from types import TracebackType
from typing import Any

import boto3

from local import packages

REGION = "eu-west-1"
STACK = "vouchsafe"
USUAL_PORT = 4566
KEY = "test"  # MiniStack's root: anything signed with it may do anything, on loopback only


class LocalAwsFailed(Exception):
    """The local AWS did not start or did not take the stack; the message holds its last words."""


class LocalAws:
    """A local AWS with its files under one folder; several may run beside each other.

    `enforce` has every role's policies evaluated, as AWS does.
    """

    def __init__(self, folder: Path, port: int | None = None, *, enforce: bool = False) -> None:
        self.folder = folder.resolve()
        self.port = port or _free_port()
        self.endpoint = f"http://localhost:{self.port}"
        self.outputs: Mapping[str, str] = {}
        self._enforce = enforce
        self._process: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> "LocalAws":
        self.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.stop()

    @property
    def log(self) -> Path:
        """What the server and every Lambda printed."""
        return self.folder / "log.txt"

    @property
    def api_url(self) -> str:
        """Where the HTTP API answers; routes follow, as in `/webhooks/square/kew`."""
        return f"{self.endpoint}/_aws/execute-api/{self.outputs['Api']}/$default"

    def client(self, service: str) -> Any:
        return boto3.client(  # type: ignore[call-overload]
            service,
            endpoint_url=self.endpoint,
            region_name=REGION,
            aws_access_key_id=KEY,
            aws_secret_access_key=KEY,
        )

    def start(self, *, afresh: bool = True) -> None:
        """Starts the server and waits for its health; `afresh` forgets what an earlier one kept."""
        if afresh:
            shutil.rmtree(self.folder, ignore_errors=True)
        (self.folder / "tmp").mkdir(parents=True, exist_ok=True)
        with self.log.open("ab") as log:
            self._process = subprocess.Popen(
                [sys.executable, "-m", "ministack"],
                cwd=self.folder,
                env=self.environment(),
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        self._wait_for_health()

    def stop(self) -> None:
        """Ends the server in order: what it persists, it persists now."""
        self._end(signal.SIGTERM)

    def kill(self) -> None:
        """Ends the server as a power cut would."""
        self._end(signal.SIGKILL)

    def deploy(self) -> None:
        """Builds the template, deploys it, and reads the stack's outputs."""
        template = packages.build(packages.here(), self.folder / "build")
        command = [str(packages.SAM), "deploy", "--template-file", str(template)]
        config = ["--config-file", str(packages.ROOT / "samconfig.toml"), "--config-env", "local"]
        self._run_sam([*command, *config, "--stack-name", STACK, "--region", REGION])
        if self._enforce:
            self._allow_batches()
        self.read_outputs()

    def read_outputs(self) -> None:
        stacks = self.client("cloudformation").describe_stacks(StackName=STACK)["Stacks"]
        self.outputs = {one["OutputKey"]: one["OutputValue"] for one in stacks[0]["Outputs"]}

    def environment(self) -> dict[str, str]:
        """The server's, which every Lambda inherits: so none of the caller's goes into it."""
        own = {
            "AUTH": "true" if self._enforce else "false",
            "BIND_HOST": "127.0.0.1",
            "GATEWAY_PORT": str(self.port),
            "IOT_MTLS_ENABLED": "0",
            "MINISTACK_REGION": REGION,
            "PERSIST_STATE": "1",
            "S3_DATA_DIR": str(self.folder / "s3"),
            "S3_PERSIST": "1",
            "SFTP_ENABLED": "0",
            "STATE_DIR": str(self.folder / "state"),
            "TMPDIR": str(self.folder / "tmp"),
        }
        return {**_bare_environment(), **_credentials(), **own}

    def put_secret(self, name: str, value: Mapping[str, object] | str) -> None:
        """Keeps a secret of the stack, such as `square/kew`, anew or in place of the old one."""
        secrets, full = self.client("secretsmanager"), f"{STACK}/{name}"
        text = value if isinstance(value, str) else json.dumps(value)
        try:
            secrets.create_secret(Name=full, SecretString=text)
        except secrets.exceptions.ResourceExistsException:
            secrets.put_secret_value(SecretId=full, SecretString=text)

    def _allow_batches(self) -> None:
        """AWS asks for sqs:SendMessage where a batch is sent; MiniStack for a right of its own."""
        iam = self.client("iam")
        for role in iam.list_roles()["Roles"]:
            named = {"RoleName": role["RoleName"]}
            for policy in iam.list_role_policies(**named)["PolicyNames"]:
                document = iam.get_role_policy(**named, PolicyName=policy)["PolicyDocument"]
                text = json.dumps(with_batches(document))
                iam.put_role_policy(**named, PolicyName=policy, PolicyDocument=text)

    def _wait_for_health(self, patience_s: float = 30) -> None:
        end = time.monotonic() + patience_s
        while time.monotonic() < end and self._running():
            try:
                with urllib.request.urlopen(f"{self.endpoint}/_ministack/health", timeout=1):  # noqa: S310 - loopback
                    return
            except (urllib.error.URLError, OSError):
                time.sleep(0.05)
        raise LocalAwsFailed(f"the local AWS is not healthy\n{self._last_words()}")

    def _running(self) -> bool:
        return self._process is not None and self._process.poll() is None

    def _end(self, how: signal.Signals) -> None:
        if self._process is None:
            return
        group = self._process.pid
        if self._running():
            self._process.send_signal(how)
            try:
                self._process.wait(timeout=30)
            except subprocess.TimeoutExpired:
                self._process.kill()
        self._process.wait()
        _end_workers(group)
        self._process = None

    def _run_sam(self, command: list[str]) -> None:
        own = {
            "AWS_ENDPOINT_URL": self.endpoint,
            "SAM_CLI_POLL_DELAY": "0.2",
            "SAM_CLI_TELEMETRY": "0",
        }
        done = subprocess.run(
            command,
            cwd=packages.ROOT,
            env={**_bare_environment(), **_credentials(), **own},
            capture_output=True,
            text=True,
            check=False,
        )
        if done.returncode != 0:
            raise LocalAwsFailed(f"{done.stdout[-4000:]}{done.stderr[-4000:]}")

    def _last_words(self) -> str:
        return self.log.read_text(errors="replace")[-2000:] if self.log.exists() else ""


def with_batches(document: Mapping[str, Any]) -> dict[str, Any]:
    """The policy document, in which whoever may send a message to a queue may send a batch too."""
    statements = [
        {**one, "Action": _actions_with_batches(one["Action"])} if "Action" in one else one
        for one in document["Statement"]
    ]
    return {**document, "Statement": statements}


def _actions_with_batches(action: str | list[str]) -> list[str]:
    actions = [action] if isinstance(action, str) else action
    sends = "sqs:SendMessage" in actions
    return [*actions, "sqs:SendMessageBatch"] if sends else list(actions)


def _end_workers(group: int) -> None:
    # Workers of a server that was killed live on; they are in the process group that it started.
    try:
        os.killpg(group, signal.SIGKILL)
    except ProcessLookupError:
        return


def _bare_environment() -> dict[str, str]:
    kept = ("PATH", "HOME", "LANG", "SSL_CERT_FILE")
    return {"TZ": "UTC", **{name: os.environ[name] for name in kept if name in os.environ}}


def _credentials() -> dict[str, str]:
    return {
        "AWS_ACCESS_KEY_ID": KEY,
        "AWS_SECRET_ACCESS_KEY": KEY,
        "AWS_DEFAULT_REGION": REGION,
        "AWS_CONFIG_FILE": os.devnull,
        "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
    }


def _free_port() -> int:
    for port in (USUAL_PORT, 0):
        with socket.socket() as probe:
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
            return int(probe.getsockname()[1])
    raise LocalAwsFailed("no port is free on loopback")
