"""The parts of template.yaml that are the same for every platform, written by one hand.

They stand between two comments each; what is outside of them is written by people. The house tests
hold that nothing between them was changed otherwise.
"""

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path

from local.packages import ROOT
from local.source.functions import lambdas, piece
from local.source.rooms import SourceRoom
from local.source.watch import alarms

TEMPLATE = ROOT / "template.yaml"
_PART = re.compile(
    r"^(?P<begin> *# platforms: (?P<name>[a-z ]+), by make blocks\n)"
    r"(?P<text>.*?)"
    r"^(?P<end> *# platforms: end\n)",
    re.DOTALL | re.MULTILINE,
)


def renewed(text: str, rooms: list[SourceRoom]) -> str:
    """The template with its parts for these rooms."""
    parts = {
        "parked": "".join(_told_of_parked(rooms)),
        "replay queues": _fed_by_parked(rooms),
        "rooms": "\n".join(_blocks(rooms)),
        "doors": "".join(_doors(rooms)),
        "clocked queues": _clocked(rooms),
        "clocks": "\n".join(_clocks(rooms)),
        "alarms": "\n".join(
            [
                "  # The local AWS computes with no metrics, so these are on AWS alone.\n",
                *alarms(rooms),
            ]
        ),
        "outputs": "".join(_outputs(rooms)),
    }
    found = [match["name"] for match in _PART.finditer(text)]
    if sorted(found) != sorted(parts):
        raise ValueError(f"template.yaml must have the parts {sorted(parts)}, and has {found}")
    return _PART.sub(lambda match: match["begin"] + parts[match["name"]] + match["end"], text)


def write(rooms: list[SourceRoom], path: Path = TEMPLATE) -> bool:
    """Whether anything changed."""
    before = path.read_text()
    after = renewed(before, rooms)
    path.write_text(after)
    return after != before


def _blocks(rooms: Iterable[SourceRoom]) -> Iterator[str]:
    for room in rooms:
        yield piece("room", platform=room.platform, Platform=room.camel)
        yield from lambdas(room)


def _driven(rooms: Iterable[SourceRoom]) -> list[SourceRoom]:
    """Those whose deliveries are parked when they cannot be kept, and driven again."""
    return [room for room in rooms if {"webhook", "replay"} <= set(room.roads)]


def _told_of_parked(rooms: Iterable[SourceRoom]) -> Iterator[str]:
    for room in _driven(rooms):
        prefix = f"unavailable/{room.platform}/"
        yield '          - Event: "s3:ObjectCreated:*"\n'
        yield f"            Queue: !GetAtt {room.camel}ReplayQueue.Arn\n"
        yield f"            Filter: {{S3Key: {{Rules: [{{Name: prefix, Value: {prefix}}}]}}}}\n"


def _fed_by_parked(rooms: Iterable[SourceRoom]) -> str:
    queues = [f"{room.camel}ReplayQueue" for room in _driven(rooms)]
    lines = "".join(f"        - !Ref {queue}\n" for queue in queues)
    arns = "".join(f"              - !GetAtt {queue}.Arn\n" for queue in queues)
    return piece("fed_by_parked", queues=lines, arns=arns)


def _doors(rooms: Iterable[SourceRoom]) -> Iterator[str]:
    for room in rooms:
        if "webhook" in room.roads:
            yield f"                  - !GetAtt {room.camel}Webhook.Arn\n"


def _clocked(rooms: Iterable[SourceRoom]) -> str:
    queues = [f"{name}Queue" for clock in _CLOCKS for name, _ in _set_off(clock, rooms)]
    lines = "".join(f"        - !Ref {queue}\n" for queue in queues)
    arns = "".join(f"              - !GetAtt {queue}.Arn\n" for queue in queues)
    return piece("fed_by_clocks", queues=lines, arns=arns)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Clock:
    """`expression` says when a road of a room is set off."""

    name: str
    road: str
    description: str
    expression: Callable[[SourceRoom], str]


_CLOCKS = (
    _Clock(
        name="Sweeps",
        road="sweep",
        description="Every account, since its last sweep.",
        expression=lambda room: room.cadence,
    ),
    _Clock(
        name="Statements",
        road="statement",
        description="The tills' lists for the day, week and month now over.",
        expression=lambda _: "cron(0 6 * * ? *)",
    ),
)
# EventBridge's own limit for the targets of one rule.
_MOST_TARGETS = 5


def _set_off(clock: _Clock, rooms: Iterable[SourceRoom]) -> list[tuple[str, str]]:
    """The Lambdas that the clock sets off, each with its expression; alike ones together."""
    found = [
        (f"{room.camel}{clock.road.capitalize()}", clock.expression(room))
        for room in rooms
        if clock.road in room.roads
    ]
    return sorted(found, key=lambda each: each[1])


def _clocks(rooms: list[SourceRoom]) -> Iterator[str]:
    """A rule for every five queues: a stack holds five hundred resources."""
    for clock in _CLOCKS:
        at = 0
        for expression, alike in groupby(_set_off(clock, rooms), key=lambda each: each[1]):
            names = [name for name, _ in alike]
            for start in range(0, len(names), _MOST_TARGETS):
                at += 1
                targets = (
                    f"        - {{Id: {name}, Arn: !GetAtt {name}Queue.Arn, Input: '{{}}'}}"
                    for name in names[start : start + _MOST_TARGETS]
                )
                yield piece(
                    "clock",
                    name=f"{clock.name}{at}",
                    description=clock.description,
                    expression=expression,
                    targets="\n".join(targets),
                )


def _outputs(rooms: Iterable[SourceRoom]) -> Iterator[str]:
    for room in rooms:
        for road in room.roads:
            if road != "webhook":
                queue = f"{room.camel}{road.capitalize()}Queue"
                yield f"  {queue}: {{Value: !Ref {queue}}}\n"
        letters = f"{room.camel}DeadLetters"
        yield f"  {letters}Queue: {{Value: !Ref {letters}}}\n"
