"""One call of a stack's API: `python -m console.call POST /register/proposals @draft.json`.

Signs in as a person (VOUCHSAFE_USER, VOUCHSAFE_PASSWORD), or comes with a shop's key (--key, or
VOUCHSAFE_KEY). `--set order.order_id=W-2` changes the body, `--pick offers[].state` prints parts of
the answer, one on a line, and `--until state=applied` asks again until it says so.
"""

import argparse
import json
import os
import sys
import time
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any
from urllib.error import HTTPError
from urllib.request import Request, urlopen

from console import signing_in, stack

_PATIENCE_S = 90


def main(arguments: Sequence[str]) -> int:
    """0 where the API did it; 1 where it refused, the answer printed all the same."""
    parser = argparse.ArgumentParser(prog="console.call", description=__doc__)
    parser.add_argument("method", choices=["GET", "POST", "PUT", "DELETE"])
    parser.add_argument("path", help="such as /register/campaigns")
    parser.add_argument("body", nargs="?", help="JSON, or @file")
    parser.add_argument("--set", action="append", default=[], metavar="path=value")
    parser.add_argument("--pick", action="append", default=[], metavar="path")
    parser.add_argument("--until", metavar="path=value")
    parser.add_argument("--if-match", metavar="version")
    parser.add_argument("--key", default=os.environ.get("VOUCHSAFE_KEY"))
    asked = parser.parse_args(arguments)
    outputs = stack.connected()
    try:
        token = asked.key or signing_in.token(outputs["PeopleClient"])
    except signing_in.NotAnswered as reason:
        print(reason, file=sys.stderr)
        return 1
    body = _body(asked.body, asked.set)
    end = time.monotonic() + _PATIENCE_S
    while True:
        status, said = _called(signing_in.address(outputs), asked, token, body)
        if not asked.until or _is_so(said, asked.until) or time.monotonic() > end:
            break
        time.sleep(1)
    _print(said, asked.pick)
    return 0 if status < 400 else 1


def _body(text: str | None, changes: Iterable[str]) -> bytes | None:
    if text is None:
        return None
    raw = Path(text[1:]).read_text(encoding="utf-8") if text.startswith("@") else text
    found = json.loads(raw)
    for change in changes:
        path, _, value = change.partition("=")
        *steps, last = path.split(".")
        place = found
        for step in steps:
            place = place[int(step)] if isinstance(place, list) else place[step]
        place[last] = value
    return json.dumps(found).encode()


def _called(url: str, asked: argparse.Namespace, token: str, body: bytes | None) -> tuple[int, Any]:
    headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/json"}
    if asked.if_match:
        headers["If-Match"] = f'"{asked.if_match}"'
    request = Request(f"{url}{asked.path}", body, headers, method=asked.method)  # noqa: S310
    try:
        with urlopen(request, timeout=60) as answer:  # noqa: S310 (the stack's own address)
            return answer.status, json.loads(answer.read() or b"null")
    except HTTPError as refusal:
        with refusal:
            return refusal.code, json.loads(refusal.read() or b"null")


def _print(said: Any, picks: Sequence[str]) -> None:
    if not picks:
        print(json.dumps(said, indent=2, ensure_ascii=False))
    for pick in picks:
        for value in _picked(said, pick):
            print(value if isinstance(value, str) else json.dumps(value))


def _is_so(said: Any, condition: str) -> bool:
    """`path=value`, or `path!=value`."""
    path, _, value = condition.partition("=")
    wanted = not path.endswith("!")
    return (value in map(str, _picked(said, path.rstrip("!")))) is wanted


def _picked(said: Any, path: str) -> list[Any]:
    """`vouchers[].state`: of every one; `offers.0.state`: of the first; else nothing."""
    found = [said]
    for step in path.replace("[]", ".[]").split("."):
        found = [part for each in found for part in _parts(each, step)]
    return found


def _parts(value: Any, step: str) -> list[Any]:
    if step == "[]":
        return value if isinstance(value, list) else []
    if isinstance(value, list):
        return value[int(step) : int(step) + 1] if step.isdecimal() else []
    if isinstance(value, dict) and value.get(step) is not None:
        return [value[step]]
    return []


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
