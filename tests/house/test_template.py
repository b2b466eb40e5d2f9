"""The template's own rules: what must stand beside every queue, stream, function and alarm."""

import re
from collections import Counter
from typing import Any, get_args

import pytest

from functions.schedules.export.columns import DATASETS
from tests.cloud import resources, template
from tests.house.stack import (
    MAPPING,
    QUEUE,
    ROOT,
    functions,
    mappings,
    module_of,
    rights,
    source_of,
    text,
    variables,
    watched_metrics,
)
from vouchsafe.pure.alarm import Rule

TABLE = "AWS::DynamoDB::Table"
BUCKET = "AWS::S3::Bucket"
ALARM = "AWS::CloudWatch::Alarm"
SECTIONS = ["storage", "layers", "sources", "streams", "destinations", "schedules", "api", "watch"]
ONE_DAY_S = 24 * 3600


def _from_streams() -> list[dict[str, Any]]:
    return [mapping for mapping in mappings() if source_of(mapping)[1] == "StreamArn"]


def _from_queues() -> list[dict[str, Any]]:
    return [mapping for mapping in mappings() if source_of(mapping)[1] == "Arn"]


def test_the_template_is_ordered_as_data_travels() -> None:
    titles = re.findall(r"^  # ---- (\w+) -+$", (ROOT / "template.yaml").read_text(), re.MULTILINE)

    assert titles == SECTIONS


def test_a_stack_of_cloudformation_holds_it_all() -> None:
    """500 resources at most, and SAM adds a role to each function. Room is left for a platform
    more: `test_new_source` asks this again with one."""
    assert len(template()["Resources"]) + len(functions()) <= 500


def test_every_stream_mapping_is_bounded_and_knows_where_failures_go() -> None:
    for mapping in _from_streams():
        assert 1 <= mapping["MaximumRetryAttempts"] <= 100
        assert 60 <= mapping["MaximumRecordAgeInSeconds"] < ONE_DAY_S
        assert mapping["BisectBatchOnFunctionError"] is True
        assert mapping["FunctionResponseTypes"] == ["ReportBatchItemFailures"]
        goes_to = text(mapping["DestinationConfig"]["OnFailure"]["Destination"])
        assert goes_to.removesuffix(".Arn") in resources(QUEUE)
        sends = {r.resource for r in rights(text(mapping["FunctionName"])) if "Send" in r.action}
        assert goes_to in sends


def test_no_stream_has_more_than_two_readers() -> None:
    readers = Counter(source_of(mapping)[0] for mapping in _from_streams())

    assert max(readers.values()) <= 2


def test_every_queue_mapping_reports_each_message_and_limits_its_workers() -> None:
    for mapping in _from_queues():
        assert mapping["FunctionResponseTypes"] == ["ReportBatchItemFailures"]
        # A number that is written out: the local AWS takes a parameter's for text.
        assert isinstance(mapping["ScalingConfig"]["MaximumConcurrency"], int)


def test_every_queue_that_is_read_has_dead_letters_and_time_enough() -> None:
    queues = resources(QUEUE)
    for mapping in _from_queues():
        queue, function = queues[source_of(mapping)[0]], text(mapping["FunctionName"])

        assert queue["RedrivePolicy"]["maxReceiveCount"] >= 5
        assert text(queue["RedrivePolicy"]["deadLetterTargetArn"]).removesuffix(".Arn") in queues
        assert queue["VisibilityTimeout"] >= 6 * functions()[function]["Timeout"]


def test_every_queue_is_read_or_watched() -> None:
    read = {source_of(mapping)[0] for mapping in _from_queues()}
    watched = {
        dimensions["QueueName"].removesuffix(".QueueName")
        for alarm in resources(ALARM).values()
        for _, _, dimensions in watched_metrics(alarm)
        if "QueueName" in dimensions
    }

    assert set(resources(QUEUE)) == read | watched


def test_every_function_is_started_by_a_route_a_queue_or_a_stream_and_by_nothing_else() -> None:
    """Without a caller who waits, work comes through a queue or a stream, which keep it."""
    routed = {
        text(integration["IntegrationUri"]).removesuffix(".Arn")
        for integration in resources("AWS::ApiGatewayV2::Integration").values()
    }
    mapped = {text(mapping["FunctionName"]) for mapping in mappings()}

    assert routed | mapped == set(functions())
    assert not routed & mapped
    assert not any("Events" in function for function in functions().values())


def test_every_queue_and_topic_is_encrypted() -> None:
    assert all(queue["SqsManagedSseEnabled"] is True for queue in resources(QUEUE).values())
    assert all("KmsMasterKeyId" in topic for topic in resources("AWS::SNS::Topic").values())


@pytest.mark.parametrize("function", sorted(functions()))
def test_every_function_has_a_log_group_with_an_end(function: str) -> None:
    group = resources("AWS::Logs::LogGroup")[text(functions()[function]["LoggingConfig"])]

    # A platform's Lambdas share one, as do those of streams, clock and API: what belongs
    # together is read in one place, and a stack holds 500 resources at most (decision 0007).
    place = module_of(function).removeprefix("functions.").replace(".", "/")
    shared = {
        "sources": place.rpartition("/")[0],
        "streams": "streams",
        "schedules": "schedules",
        "api": "api/rooms",
    }
    place = shared.get(place.partition("/")[0], place)
    assert group["LogGroupName"] == {"Sub": f"/${{AWS::StackName}}/{place}"}
    assert group["RetentionInDays"] == {"Ref": "LogRetentionDays"}


@pytest.mark.parametrize("function", sorted(functions()))
def test_every_environment_value_is_text(function: str) -> None:
    for value in variables(function).values():
        chosen = value["If"][1:] if isinstance(value, dict) and "If" in value else [value]

        assert all(isinstance(each, str | dict) for each in chosen)


def test_a_function_has_no_more_time_than_its_sender_or_its_kind_allows() -> None:
    for name, function in functions().items():
        if name.endswith(("Webhook", "Api")):
            assert function["Timeout"] <= 20
        assert function["Timeout"] <= 900


def test_every_table_survives() -> None:
    for name, table in resources(TABLE).items():
        assert table["PointInTimeRecoverySpecification"] == {"PointInTimeRecoveryEnabled": True}
        assert table["DeletionProtectionEnabled"] == {"If": ["OnAws", True, False]}
        assert table["BillingMode"] == "PAY_PER_REQUEST"
        assert template()["Resources"][name]["DeletionPolicy"] == "RetainExceptOnCreate"
        assert template()["Resources"][name]["UpdateReplacePolicy"] == "Retain"


def test_every_bucket_keeps_old_versions_for_a_while_and_no_longer() -> None:
    for bucket in resources(BUCKET).values():
        rules = bucket["LifecycleConfiguration"]["Rules"]

        assert bucket["VersioningConfiguration"] == {"Status": "Enabled"}
        assert any("NoncurrentVersionExpiration" in rule for rule in rules)
        assert any("AbortIncompleteMultipartUpload" in rule for rule in rules)
        assert "BucketEncryption" in bucket


def test_every_alarm_tells_somebody_and_names_a_runbook_that_exists() -> None:
    for alarm in resources(ALARM).values():
        (book,) = re.findall(r"docs/runbooks/\w+\.md", alarm["AlarmDescription"])

        assert alarm["AlarmActions"] == [{"Ref": "Operations"}]
        assert (ROOT / book).is_file(), book


def test_every_runbook_is_linked_by_an_alarm_or_a_message() -> None:
    books = {path.relative_to(ROOT).as_posix() for path in (ROOT / "docs/runbooks").glob("*.md")}
    linked = {
        book
        for alarm in resources(ALARM).values()
        for book in re.findall(r"docs/runbooks/\w+\.md", alarm["AlarmDescription"])
    }
    told = {f"docs/runbooks/alarm_{subject}.md" for subject in (*get_args(Rule), "breaks")}
    told |= {
        f"docs/runbooks/{subject}.md" for subject in ("gaps", "drift", "escalation", "fidelity")
    }

    assert books == linked | told


def test_schedules_fill_queues_in_utc() -> None:
    filled = _schedule_rights()
    for schedule in resources("AWS::Scheduler::Schedule").values():
        queue = text(schedule["Target"]["Arn"])

        assert queue in filled
        assert queue.removesuffix(".Arn") in resources(QUEUE)
        assert schedule["ScheduleExpressionTimezone"] == "UTC"
        assert schedule["State"] == {"Ref": "Clock"}


def test_every_sweep_and_statement_has_a_clock_that_may_fill_its_queue() -> None:
    policy = resources("AWS::SQS::QueuePolicy")["ClocksFillQueues"]
    (statement,) = policy["PolicyDocument"]["Statement"]
    filled = {text(resource).removesuffix(".Arn") for resource in statement["Resource"]}
    set_off = []
    for rule in resources("AWS::Events::Rule").values():
        assert rule["State"] == {"Ref": "Clock"}
        assert 1 <= len(rule["Targets"]) <= 5
        set_off += [text(target["Arn"]).removesuffix(".Arn") for target in rule["Targets"]]
    clocked = {name for name in resources(QUEUE) if name.endswith(("SweepQueue", "StatementQueue"))}

    assert sorted(set_off) == sorted(clocked)
    assert filled == clocked == {text(queue) for queue in policy["Queues"]}


def _schedule_rights() -> set[str]:
    (policy,) = resources("AWS::IAM::Role")["SchedulesRole"]["Policies"]
    (statement,) = policy["PolicyDocument"]["Statement"]
    assert statement["Action"] == "sqs:SendMessage"
    return {text(resource) for resource in statement["Resource"]}


def test_every_route_leads_to_a_function_that_the_api_may_call() -> None:
    integrations = resources("AWS::ApiGatewayV2::Integration")
    (policy,) = resources("AWS::IAM::Role")["ApiCalls"]["Policies"]
    (statement,) = policy["PolicyDocument"]["Statement"]
    allowed = {text(resource) for resource in statement["Resource"]}
    called = {text(each["IntegrationUri"]) for each in integrations.values()}

    assert statement["Action"] == "lambda:InvokeFunction"
    assert allowed == called
    for integration in integrations.values():
        assert integration["PayloadFormatVersion"] == "2.0"
        assert text(integration["CredentialsArn"]) == "ApiCalls.Arn"
    for route in resources("AWS::ApiGatewayV2::Route").values():
        assert re.findall(r"\$\{(\w+)\}", text(route["Target"]))[0] in integrations


def test_only_webhooks_and_shops_are_open_to_those_who_are_not_signed_in() -> None:
    """The signature is a webhook's proof, the key a shop's; all else asks for a token."""
    proven = ("POST /webhooks/", "POST /touchpoints/", "ANY /vouchers/", "ANY /values/")
    for route in resources("AWS::ApiGatewayV2::Route").values():
        assert route["RouteKey"].startswith(proven) or route["AuthorizationType"] == "JWT"


def test_the_tables_of_reports_have_the_columns_that_export_writes() -> None:
    tables = {
        table["TableInput"]["Name"]: table["TableInput"]
        for table in resources("AWS::Glue::Table").values()
    }

    assert set(tables) == {dataset.name for dataset in DATASETS}
    for dataset in DATASETS:
        place = tables[dataset.name]["StorageDescriptor"]
        columns = [(column["Name"], column["Type"]) for column in place["Columns"]]

        assert columns == list(dataset.all_columns())
        assert text(place["Location"]) == f"s3://${{Reports}}/reports/{dataset.name}/"


def test_mappings_are_written_out() -> None:
    """SAM's events attach managed policies that reach every queue and stream (decision 0001)."""
    assert len(resources(MAPPING)) == len(list(mappings()))
    assert not any(
        isinstance(policy, str)
        for function in functions().values()
        for policy in function["Policies"]
    )
