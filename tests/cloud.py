"""The template's tables, buckets, queues and topics, made in moto exactly as the template says."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from threading import RLock
from typing import Any, Final
from unittest.mock import patch

import boto3
import yaml
from botocore.client import BaseClient
from moto import mock_aws

TEMPLATE = Path(__file__).parent.parent / "template.yaml"
REGION: Final = "eu-west-1"
STACK = "vouchsafe"
IDENTITY_KEY = "identity key of the tests"
ACCOUNT_ID = "123456789012"

_TABLE = "AWS::DynamoDB::Table"
_QUEUES = (
    "FETCH",
    "FORGET",
    "SWEEP",
    "STATEMENT",
    "REPLAY",
    "EXPORT",
    "FIDELITY",
    "USES",
    "APPLY",
    "CHANNELS",
    "WAITING",
    "DIRECT_HEAR",
    "PROJECTION_AGAIN",
)


class _Loader(yaml.SafeLoader):
    """YAML with CloudFormation's short tags, kept as they stand."""


def _tagged(loader: _Loader, suffix: str, node: yaml.Node) -> dict[str, Any]:
    if isinstance(node, yaml.ScalarNode):
        return {suffix: loader.construct_scalar(node)}
    if isinstance(node, yaml.SequenceNode):
        return {suffix: loader.construct_sequence(node, deep=True)}
    assert isinstance(node, yaml.MappingNode)
    return {suffix: loader.construct_mapping(node, deep=True)}


_Loader.add_multi_constructor("!", _tagged)


@cache
def template() -> dict[str, Any]:
    """The template, intrinsic functions as `{name: argument}`."""
    loaded = yaml.load(TEMPLATE.read_text(), _Loader)
    assert isinstance(loaded, dict)
    return loaded


def resources(kind: str) -> dict[str, dict[str, Any]]:
    """The properties of each resource of a type, by logical id."""
    return {
        name: resource.get("Properties", {})
        for name, resource in template()["Resources"].items()
        if resource["Type"] == kind
    }


def names() -> dict[str, str]:
    """The environment that names everything, for every function at once."""
    tables = {f"{_upper(name)}_TABLE": name for name in resources(_TABLE)}
    buckets = {
        f"{_upper(name)}_BUCKET": f"vouchsafe-{name.lower()}"
        for name in resources("AWS::S3::Bucket")
    }
    queues = {
        f"{name}_QUEUE_URL": f"https://sqs.{REGION}.amazonaws.com/{ACCOUNT_ID}/{name.lower()}"
        for name in (*_QUEUES, "DEAD_LETTERS")
    }
    topic = f"arn:aws:sns:{REGION}:{ACCOUNT_ID}:happenings"
    rooms = {"ANSWERS_TABLE": "Proposals", "HAPPENINGS_TOPIC_ARN": topic, "STACK_NAME": STACK}
    return tables | buckets | queues | rooms


def set_environment() -> None:
    """Names everything before any module of the product is imported."""
    os.environ.update(names())
    os.environ.update(
        STAGE="local",
        POWERTOOLS_METRICS_NAMESPACE="Vouchsafe",
        POWERTOOLS_SERVICE_NAME="vouchsafe",
    )


@contextmanager
def made() -> Iterator[None]:
    """Everything there, empty, with the identity key set; gone afterwards."""
    from vouchsafe.edge import secrets

    with mock_aws(), _one_call_at_a_time():
        secrets.forget()
        _make_tables()
        s3, sqs = boto3.client("s3"), boto3.client("sqs")
        for name in (name for name in names() if name.endswith("_BUCKET")):
            s3.create_bucket(
                Bucket=os.environ[name], CreateBucketConfiguration={"LocationConstraint": REGION}
            )
        for name in (*_QUEUES, "DEAD_LETTERS"):
            sqs.create_queue(QueueName=name.lower())
        boto3.client("sns").create_topic(Name="happenings")
        put_secret("identity", IDENTITY_KEY)
        yield
        secrets.forget()


@contextmanager
def _one_call_at_a_time() -> Iterator[None]:
    """A call is whole, as on AWS; moto's own may mix, and a refused transaction of one thread then
    takes back what another thread wrote."""
    lock, call = RLock(), BaseClient._make_api_call  # type: ignore[attr-defined]

    def alone(client: BaseClient, operation: str, asked: dict[str, Any]) -> Any:
        with lock:
            return call(client, operation, asked)

    with patch.object(BaseClient, "_make_api_call", alone):
        yield


def put_secret(name: str, text: str) -> None:
    """A secret of the stack."""
    boto3.client("secretsmanager").create_secret(Name=f"{STACK}/{name}", SecretString=text)


def sent(queue: str) -> list[str]:
    """The bodies that wait on a queue, delays left out of account."""
    client = boto3.client("sqs")
    found: list[str] = []
    while messages := client.receive_message(
        QueueUrl=os.environ[f"{queue}_QUEUE_URL"], MaxNumberOfMessages=10
    ).get("Messages"):
        for message in messages:
            found.append(message["Body"])
            client.delete_message(
                QueueUrl=os.environ[f"{queue}_QUEUE_URL"], ReceiptHandle=message["ReceiptHandle"]
            )
    return found


def _make_tables() -> None:
    dynamodb = boto3.client("dynamodb")
    for name, properties in resources(_TABLE).items():
        asked: dict[str, Any] = {
            "TableName": name,
            "BillingMode": "PAY_PER_REQUEST",
            "KeySchema": properties["KeySchema"],
            "AttributeDefinitions": properties["AttributeDefinitions"],
        }
        if "GlobalSecondaryIndexes" in properties:
            asked["GlobalSecondaryIndexes"] = properties["GlobalSecondaryIndexes"]
        dynamodb.create_table(**asked)


def _upper(name: str) -> str:
    """`DeadLetters` is `DEAD_LETTERS` in the environment."""
    return "".join(
        f"_{char}" if char.isupper() and at else char for at, char in enumerate(name)
    ).upper()
