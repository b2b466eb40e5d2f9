"""An alarm on a metric of ours watches what a Lambda really prints."""

import json
import re

import pytest

from tests.cloud import resources
from tests.house.stack import ROOT, watched_metrics
from vouchsafe.edge import journal


def _own() -> set[tuple[str, tuple[tuple[str, str], ...]]]:
    """The name and dimensions of every metric of ours that some alarm looks at."""
    return {
        (name, tuple(sorted(dimensions.items())))
        for alarm in resources("AWS::CloudWatch::Alarm").values()
        for namespace, name, dimensions in watched_metrics(alarm)
        if namespace == "Vouchsafe"
    }


@pytest.mark.parametrize(("name", "asked"), sorted(_own()))
def test_the_alarm_has_the_name_and_dimensions_of_the_printed_metric(
    name: str, asked: tuple[tuple[str, str], ...], capsys: pytest.CaptureFixture[str]
) -> None:
    dimensions = dict(asked)
    own = {name: value for name, value in dimensions.items() if name != "service"}

    with journal.line("an invocation", **own) as line:
        line.count(name)

    printed = json.loads(capsys.readouterr().out)
    (said,) = printed["_aws"]["CloudWatchMetrics"]
    assert said["Namespace"] == "Vouchsafe"
    assert [set(names) for names in said["Dimensions"]] == [set(dimensions)]
    assert all(printed[dimension] == value for dimension, value in dimensions.items())
    assert name in {metric["Name"] for metric in said["Metrics"]}


def test_every_watched_metric_is_counted_somewhere() -> None:
    code = "".join(
        path.read_text()
        for folder in ("layers/vouchsafe", "functions")
        for path in (ROOT / folder).rglob("*.py")
    )
    counted = set(re.findall(r'count\(\s*f?"(\w+)', code))

    for metric, _ in _own():
        assert metric in counted or metric.startswith("parked_"), metric


def test_an_alarm_computes_with_no_more_metrics_than_cloudwatch_takes() -> None:
    for alarm in resources("AWS::CloudWatch::Alarm").values():
        assert len(list(watched_metrics(alarm))) <= 10
