"""An alarm on a metric of ours watches what a Lambda really prints."""

import json
import re

import pytest

from tests.cloud import resources
from tests.house.stack import ROOT
from vouchsafe.edge import journal


def _own() -> dict[str, dict[str, object]]:
    alarms = resources("AWS::CloudWatch::Alarm")
    return {name: alarm for name, alarm in alarms.items() if alarm["Namespace"] == "Vouchsafe"}


@pytest.mark.parametrize("name", sorted(_own()))
def test_the_alarm_has_the_name_and_dimensions_of_the_printed_metric(
    name: str, capsys: pytest.CaptureFixture[str]
) -> None:
    alarm = _own()[name]
    dimensions = {each["Name"]: each["Value"] for each in alarm["Dimensions"]}  # type: ignore[attr-defined]
    own = {name: value for name, value in dimensions.items() if name != "service"}

    with journal.line("an invocation", **own) as line:
        line.count(str(alarm["MetricName"]))

    printed = json.loads(capsys.readouterr().out)
    (said,) = printed["_aws"]["CloudWatchMetrics"]
    assert said["Namespace"] == alarm["Namespace"]
    assert [set(names) for names in said["Dimensions"]] == [set(dimensions)]
    assert all(printed[dimension] == value for dimension, value in dimensions.items())
    assert alarm["MetricName"] in {metric["Name"] for metric in said["Metrics"]}


def test_every_watched_metric_is_counted_somewhere() -> None:
    code = "".join(
        path.read_text()
        for folder in ("layers/vouchsafe", "functions")
        for path in (ROOT / folder).rglob("*.py")
    )
    counted = set(re.findall(r'count\(\s*f?"(\w+)', code))

    for alarm in _own().values():
        metric = str(alarm["MetricName"])
        assert metric in counted or metric.startswith(("parked_",)), metric
