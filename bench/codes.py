"""A million codes through the road that is deployed: ordered, approved, drawn, loaded, asked for.

The calls are the control room's, the shops' desk's and ApplyQueue's, to the functions' own entries;
AWS is in memory, and the register on disk, so that the memory measured is the functions'.
"""

import os
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from resource import RUSAGE_SELF, getrusage
from statistics import median
from typing import Any

from bench.disk import cloud_with
from bench.figure import Effort, Figure, Section, at_least, at_most, plain
from functions.api.register import apply
from functions.api.validations import handler as desk
from tests.api.calls import answered, event
from tests.api.room import ACCOUNT, CAMPAIGN, PROMOTION, call, drafted, step
from tests.battery.clouds import Cloud
from vouchsafe.edge import register_table
from vouchsafe.pure.codes import canonical
from vouchsafe.pure.drawing import A_PART
from vouchsafe.pure.register_entries import code_key

_CODES = 1_000_000
# Of the first and of the last codes that are asked for.
_ASKED = 300
# `drawing.A_PART`: a part takes some ten seconds.
_A_SECOND = A_PART / 10
_OPEN = {"starts_on": "2020-01-01", "ends_on": "2126-12-31"}
_SECRET = {"generic": "no", "code_limit": 1, "customer_limit": "", "benefit": "amount:5"}
_TERMS = PROMOTION | _OPEN | _SECRET | {"currency": "EUR"}
_ORDER = {
    "title": "letters",
    "why": "a letter each",
    "promotion_id": _TERMS["promotion_id"],
    "pattern": "LETTER-{12}",
}


@dataclass(slots=True)
class Work:
    """What drawing and loading took: CPU, and the peak of memory after each part, in MiB."""

    cpu_s: float = 0.0
    wall_s: float = 0.0
    peaks: list[float] = field(default_factory=list)


def section(effort: Effort) -> Section:
    cloud = cloud_with("Register")
    cloud.secrets["vouchsafe/identity"] = "the identity key of the bench"
    with cloud.there():
        order = _approved(cloud, effort.of(_CODES, 1_000))
        work = _worked_off(cloud, effort, order["parts"])
        codes = _taken_out(order)
        figures = (*_drawing(work, codes, order["count"]), *_asking(cloud, codes))
    return Section(
        title=f"An order of {order['count']:,} codes",
        floor="none; CPU of one core, AWS's own left in",
        figures=figures,
        notes=(
            "Every code is drawn, kept, checked, laid into the register twice (as it is now, and"
            f" as its revision left it), and taken out again. It took {work.wall_s:,.0f} s here.",
        ),
    )


def _approved(cloud: Cloud, count: int) -> Any:
    """An order that another person has approved, over a promotion that stands."""
    rows = {"accounts": [ACCOUNT], "campaigns": [CAMPAIGN | _OPEN], "promotions": [_TERMS]}
    _agreed(drafted("eva", rows))
    while _next(cloud):
        pass
    told = call("eva", "POST", "/register/code-jobs", _ORDER | {"count": count})
    assert told.status == 201, told.body
    _agreed(told.body["proposal"])
    return told.body


def _agreed(proposal: Any) -> None:
    told = step("ana", step("eva", proposal, "submit").body, "approve")
    assert told.status == 202, told.body


def _next(cloud: Cloud) -> bool:
    """Hands the next message to its function; whether there was one."""
    waiting = cloud.sent[os.environ["APPLY_QUEUE_URL"]]
    if not waiting:
        return False
    record = {
        "messageId": "1",
        "receiptHandle": "r",
        "eventSourceARN": "arn:aws:sqs:eu-west-1:123456789012:apply",
        "body": waiting.pop(0),
        "attributes": {"ApproximateReceiveCount": "1"},
    }
    assert not apply.handle({"Records": [record]}, None)["batchItemFailures"]
    return True


def _worked_off(cloud: Cloud, effort: Effort, parts: int) -> Work:
    found = Work()
    began, cpu = time.monotonic(), time.process_time()
    while _next(cloud):
        found.peaks.append(getrusage(RUSAGE_SELF).ru_maxrss / 1024)
        effort.tell(len(found.peaks), parts)
    found.cpu_s, found.wall_s = time.process_time() - cpu, time.monotonic() - began
    return found


def _taken_out(order: Any) -> list[str]:
    path = f"/register/code-jobs/{order['proposal']['proposal_id']}/codes"
    found: list[str] = []
    after: str | None = ""
    while after is not None:
        told = call("eva", "GET", path, query={"after": after} if after else {})
        assert told.status == 200, told.body
        found += [line.partition(",")[0] for line in told.body["csv"].splitlines()]
        after = told.body.get("after")
    return found[1:]  # the first line is the head


def _drawing(work: Work, codes: Sequence[str], count: int) -> list[Figure]:
    peaks = work.peaks
    early = peaks[len(peaks) // 10]
    return [
        at_least("codes a second", count / work.cpu_s, _A_SECOND, detail=f"{work.cpu_s:,.0f} s"),
        at_least("different codes", len(set(codes)), count),
        at_least("of them in the register", _standing(codes), count),
        plain("peak of memory", peaks[-1], unit="MiB", digits=0),
        at_most("peak of memory, of that after a tenth", peaks[-1] / early, 1.1),
    ]


def _standing(codes: Sequence[str]) -> int:
    at = register_table.snapshot()
    return sum(
        len(register_table.held(map(code_key, map(canonical, codes[start : start + 100])), at))
        for start in range(0, len(codes), 100)
    )


def _asking(cloud: Cloud, codes: Sequence[str]) -> list[Figure]:
    """What validating the first codes costs, and the last ones, by turns."""
    key = _key()
    pairs = list(zip(codes, reversed(codes), strict=True))[:_ASKED]
    found = [[_asked(cloud, key, code) for code in pair] for pair in pairs]
    first, last = zip(*found, strict=True)
    ratio = median(cpu for cpu, _ in last) / median(cpu for cpu, _ in first)
    calls = sum(count for _, count in last) / sum(count for _, count in first)
    return [
        at_most("validate: the last codes, of the first", ratio, 1.1),
        at_most("validate: calls for the last, of the first", calls, 1.0),
    ]


def _key() -> str:
    said = {"name": "bar", "platform": "square", "account": "bar", "scopes": ["validate"]}
    told = call("adam", "POST", "/register/keys", said)
    assert told.status == 201, told.body
    return str(told.body["key"])


def _asked(cloud: Cloud, key: str, code: str) -> tuple[float, int]:
    """(CPU seconds, calls of AWS) of validating a code that nobody has asked for before."""
    lines = [{"line_id": "1", "gross_minor": 5000}]
    body = {"codes": [code], "order": {"order_id": code, "currency": "EUR", "lines": lines}}
    told = event("POST", "/vouchers/validate", body, authorization=f"Bearer {key}")
    before, began = cloud.faults.calls, time.thread_time()
    answer = answered(desk.handle, told)
    took = time.thread_time() - began
    assert answer.body["outcome"] == "all", answer.body
    return took, cloud.faults.calls - before
