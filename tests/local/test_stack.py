"""The deployed template: its doors, its locks, and the ways from one part to the next."""

import json
from collections.abc import Iterator
from typing import Any

import pytest

from functions.schedules.export.columns import DATASETS
from local.aws import LocalAws
from tests.local.conftest import Call, Person, soon

pytestmark = pytest.mark.local


@pytest.fixture(scope="module")
def token(person: Person) -> str:
    """What a signed-in person shows."""
    return person("finance", "viewer")


def _lines_of(aws: LocalAws, message: str) -> Iterator[dict[str, object]]:
    """The lines that Lambdas printed of one kind of invocation."""
    for line in aws.log.read_text().splitlines():
        if line.startswith("{") and f'"message":"{message}"' in line:
            yield json.loads(line)


@pytest.mark.parametrize("platform", ["shopify", "square", "woocommerce"])
def test_a_door_without_a_secret_is_closed(call: Call, platform: str) -> None:
    answer = call("POST", f"/webhooks/{platform}/nobody", b"{}")

    assert answer.status == 401


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "/webhooks/square/kew"),
        ("PUT", "/webhooks/square/kew"),
        ("POST", "/webhooks/square"),
        ("POST", "/webhooks/square/kew/more"),
        ("POST", "/webhooks/nobody/kew"),
        ("POST", "/reports"),
        ("GET", "/"),
    ],
)
def test_there_are_no_other_ways_in(call: Call, method: str, path: str) -> None:
    assert call(method, path, None if method == "GET" else b"{}").status == 404


def test_reports_are_for_those_who_are_signed_in(call: Call, token: str) -> None:
    forged = token[:-8] + "AAAAAAAA"

    assert call("GET", "/reports").status == 401
    assert call("GET", "/reports/reports/orders/day=2026-11-20/orders.parquet").status == 401
    assert call("GET", "/reports", headers={"Authorization": f"Bearer {forged}"}).status == 401
    assert call("GET", "/reports", headers={"Authorization": f"Bearer {token}"}).status == 200


def test_a_report_is_reached_by_a_link_that_needs_no_sign_in(
    aws: LocalAws, call: Call, token: str
) -> None:
    key = "csv/orders/day=2026-11-20/a report.csv"
    bucket = aws.outputs["ReportsBucket"]
    aws.client("s3").put_object(Bucket=bucket, Key=key, Body=b"order,total\n")
    signed_in = {"Authorization": f"Bearer {token}"}

    linked = call("GET", f"/reports/{key.replace(' ', '%20')}", headers=signed_in)
    absent = call("GET", "/reports/csv/nothing.csv", headers=signed_in)

    assert linked.status == 200
    assert json.loads(linked.body)["id"] == key
    assert absent.status == 404


def test_the_clock_reaches_an_export(aws: LocalAws) -> None:
    """Scheduler, queue and function, by a schedule that is like the template's and due at once."""
    scheduler = aws.client("scheduler")
    listed = scheduler.list_schedules(GroupName="vouchsafe", NamePrefix="vouchsafe-ExportDaily")
    daily = scheduler.get_schedule(GroupName="vouchsafe", Name=listed["Schedules"][0]["Name"])
    target = {**daily["Target"], "Input": '{"day": "2020-02-29"}'}

    scheduler.create_schedule(
        Name="now",
        GroupName="vouchsafe",
        ScheduleExpression="at(2020-03-01T00:00:00)",
        FlexibleTimeWindow={"Mode": "OFF"},
        Target=target,
    )

    assert soon(lambda: any(e.get("day") == "2020-02-29" for e in _lines_of(aws, "export")))


def test_the_tables_over_the_exports_can_be_asked(aws: LocalAws) -> None:
    """Athena's view of an empty day: the table is found, and the file fits its columns."""
    athena, bucket = aws.client("athena"), aws.outputs["ReportsBucket"]
    manifest = "reports/{}/day=2020-02-29/_manifest.json"
    aws.client("sqs").send_message(
        QueueUrl=aws.outputs["ExportQueue"], MessageBody='{"day": "2020-02-29"}'
    )

    for dataset in DATASETS:
        assert soon(lambda name=dataset.name: _is_there(aws, bucket, manifest.format(name)))
        columns = ", ".join(name for name, _ in dataset.all_columns())
        query = athena.start_query_execution(
            QueryString=f"SELECT {columns} FROM {dataset.name} WHERE day = '2020-02-29'",
            QueryExecutionContext={"Database": aws.outputs["ReportsDatabase"]},
            ResultConfiguration={"OutputLocation": f"s3://{bucket}/asked/"},
        )["QueryExecutionId"]

        assert soon(lambda query=query: _state(athena, query) == "SUCCEEDED")
        rows = athena.get_query_results(QueryExecutionId=query)["ResultSet"]["Rows"]
        assert len(rows) == 1


def _is_there(aws: LocalAws, bucket: str, key: str) -> bool:
    return bool(aws.client("s3").list_objects_v2(Bucket=bucket, Prefix=key).get("KeyCount"))


def _state(athena: Any, query: str) -> str:
    status = athena.get_query_execution(QueryExecutionId=query)["QueryExecution"]["Status"]
    assert status["State"] != "FAILED", status
    return str(status["State"])


def test_a_till_s_list_reaches_the_reconciliation(aws: LocalAws) -> None:
    bucket, key = aws.outputs["StatementsBucket"], "not/a/statement of+a day.gz"

    aws.client("s3").put_object(Bucket=bucket, Key=key, Body=b"")

    assert soon(lambda: any(line.get("failed") for line in _lines_of(aws, "reconcile")))
