"""Do limits hold when thousands ask at once, as processes of their own, over the network?"""

import json
import os
import subprocess
import sys
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from local.aws import KEY, REGION, LocalAws
from local.packages import ROOT
from tests.local.claimants import COUNTER, LIMIT, claim_of

pytestmark = pytest.mark.local

CLAIMS = 10_000
PROCESSES, THREADS = 4, 8
CLAIMANTS = Path(__file__).with_name("claimants.py")


def storm(aws: LocalAws, what: str, first: int, last: int) -> Counter[str]:
    """Sets all processes on their shares at once; what they heard, together."""
    step = (last - first) // PROCESSES
    started = [
        subprocess.Popen(
            [
                sys.executable,
                str(CLAIMANTS),
                what,
                str(first + step * at),
                str(first + step * (at + 1)),
                str(THREADS),
            ],
            env=environment(aws),
            stdout=subprocess.PIPE,
            text=True,
        )
        for at in range(PROCESSES)
    ]
    heard: Counter[str] = Counter()
    for process in started:
        said, _ = process.communicate(timeout=600)
        assert process.returncode == 0
        heard.update(json.loads(said))
    return heard


def environment(aws: LocalAws) -> dict[str, str]:
    """What a client needs to reach the deployed table, and nothing of ours."""
    return {
        "PATH": os.environ["PATH"],
        "PYTHONPATH": f"{ROOT}:{ROOT / 'layers/vouchsafe'}",
        "AWS_ENDPOINT_URL": aws.endpoint,
        "AWS_ACCESS_KEY_ID": KEY,
        "AWS_SECRET_ACCESS_KEY": KEY,
        "AWS_DEFAULT_REGION": REGION,
        "AWS_EC2_METADATA_DISABLED": "true",
        "POWERTOOLS_SERVICE_NAME": "vouchsafe",
        "USES_TABLE": aws.outputs["UsesTable"],
    }


def items(aws: LocalAws) -> dict[str, list[dict[str, Any]]]:
    """What lies in the table, read without a line of the product: claims by state, counters."""
    found: dict[str, list[dict[str, Any]]] = {"claims": [], "counters": []}
    pages = aws.client("dynamodb").get_paginator("scan")
    for page in pages.paginate(TableName=aws.outputs["UsesTable"], ConsistentRead=True):
        for item in page["Items"]:
            kind = "counters" if item["pk"]["S"].startswith("counter#") else "claims"
            found[kind].append(item)
    return found


def of_the_storm(aws: LocalAws) -> tuple[dict[str, int], dict[str, int]]:
    """(what the counters show, what the standing claims add up to) by counter."""
    held = items(aws)
    shown = {
        item["pk"]["S"].removeprefix("counter#"): int(item["used"]["N"])
        for item in held["counters"]
        if "STORM" in item["pk"]["S"]
    }
    owed: Counter[str] = Counter(dict.fromkeys(shown, 0))
    for item in held["claims"]:
        if item["sk"]["S"] == "ST0RM" and item["state"]["S"] == "redeemed":
            number = int(item["pk"]["S"].rpartition("#")[2])
            owed.update(limit.counter for limit in claim_of(number).limits)
    return shown, dict(owed)


def test_ten_thousand_at_once_leave_exactly_a_thousand(aws: LocalAws) -> None:
    """10,000 orders, four processes of eight threads, a limit of 1,000; then 400 orders are given
    back while 1,000 more ask. Each claim is asked for until there is an answer. On two cores
    the first storm takes about a minute."""
    heard = storm(aws, "taken", 0, CLAIMS)
    shown, owed = of_the_storm(aws)

    assert (heard["taken"], heard["full"]) == (LIMIT, CLAIMS - LIMIT)
    assert shown[COUNTER] == LIMIT
    assert shown == owed
    assert max(used for name, used in shown.items() if name != COUNTER) == 1

    again = storm(aws, "taken", 0, 400)
    assert of_the_storm(aws)[0] == shown
    back = storm(aws, "given", 0, 400)
    more = storm(aws, "taken", CLAIMS, CLAIMS + 1000)
    shown, owed = of_the_storm(aws)

    assert again["taken"] == back["given"] == more["taken"]
    assert shown[COUNTER] == LIMIT
    assert shown == owed
