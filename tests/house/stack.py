"""The template as the house tests ask it: functions, their rights, their queues and streams."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.cloud import resources, template

ROOT = Path(__file__).parents[2]
FUNCTION = "AWS::Serverless::Function"
MAPPING = "AWS::Lambda::EventSourceMapping"
QUEUE = "AWS::SQS::Queue"


@dataclass(frozen=True)
class Right:
    """One action on one resource, as a policy grants it: `Facts.Arn`, `${Parked.Arn}/record/*`."""

    action: str
    resource: str

    @property
    def target(self) -> str:
        """The logical id that the resource belongs to; empty for what is named by a pattern."""
        found = re.match(r"(?:\$\{)?(\w+)\.(?:Arn|StreamArn)", self.resource)
        return found[1] if found else self.resource if self.resource.isalnum() else ""


def functions() -> dict[str, dict[str, Any]]:
    return resources(FUNCTION)


def module_of(function: str) -> str:
    """The module that holds the function's handler."""
    return str(functions()[function]["Handler"].removesuffix(".handle"))


def variables(function: str) -> dict[str, object]:
    """The environment of a function: the template's for all, and its own."""
    for_all = template()["Globals"]["Function"]["Environment"]["Variables"]
    return {**for_all, **functions()[function].get("Environment", {}).get("Variables", {})}


def rights(function: str) -> set[Right]:
    found = set()
    for policy in functions()[function]["Policies"]:
        for statement in policy["Statement"]:
            assert statement["Effect"] == "Allow"
            for action in _listed(statement["Action"]):
                for resource in _listed(statement["Resource"]):
                    found.add(Right(action, text(resource)))
    return found


def mappings(function: str | None = None) -> Iterator[dict[str, Any]]:
    """The event source mappings of a function, or all."""
    for mapping in resources(MAPPING).values():
        if function in (None, mapping["FunctionName"]["Ref"]):
            yield mapping


def source_of(mapping: Mapping[str, Any]) -> tuple[str, str]:
    """(logical id, `Arn` or `StreamArn`) that a mapping reads."""
    name, _, attribute = mapping["EventSourceArn"]["GetAtt"].partition(".")
    return name, attribute


def text(value: object) -> str:
    """An intrinsic's argument, which names what it stands for."""
    if isinstance(value, dict):
        (argument,) = value.values()
        return text(argument)
    assert isinstance(value, str), value
    return value


def watched_metrics(alarm: Mapping[str, Any]) -> Iterator[tuple[str, str, dict[str, str]]]:
    """(namespace, name, dimensions) of each metric that an alarm looks at, alone or in a sum."""
    looked_at = [alarm] if "MetricName" in alarm else []
    looked_at += [
        each["MetricStat"]["Metric"] for each in alarm.get("Metrics", ()) if "MetricStat" in each
    ]
    for metric in looked_at:
        dimensions = {each["Name"]: text(each["Value"]) for each in metric["Dimensions"]}
        yield metric["Namespace"], metric["MetricName"], dimensions


def rooms() -> set[str]:
    """`sources/shopify`, `streams/alarms`, ...: every folder on a shelf."""
    return {
        folder.relative_to(ROOT / "functions").as_posix()
        for folder in (ROOT / "functions").glob("*/*")
        if folder.is_dir() and folder.name != "__pycache__"
    }


def _listed(value: object) -> list[Any]:
    return value if isinstance(value, list) else [value]
