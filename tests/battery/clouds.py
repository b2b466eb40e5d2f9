"""The whole cloud in memory: tables from the template, buckets, queues and topic, behind faults."""
# ruff: noqa: N803 (boto3's own names)

import io
import json
from collections import defaultdict
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pynamodb.connection.base as pynamodb_base
from botocore.exceptions import ClientError

from tests import cloud
from vouchsafe.edge import secrets, session

from .dynamo import Dynamo, Table
from .faults import Faults


def tables() -> list[Table]:
    """The template's tables, empty."""
    return [
        Table(name, _keys(said), {each["IndexName"]: _pair(each) for each in _indexes(said)})
        for name, said in cloud.resources("AWS::DynamoDB::Table").items()
    ]


class Cloud:
    """Everything outside, in memory. `objects` by bucket and key, `sent` by queue, `told`."""

    def __init__(self, faults: Faults) -> None:
        self.faults = faults
        self.dynamo = Dynamo(tables())
        self.objects: dict[str, dict[str, bytes]] = defaultdict(dict)
        self.sent: dict[str, list[str]] = defaultdict(list)
        self.told: list[str] = []
        self.secrets: dict[str, str] = {}

    def client(self, service: str) -> "_Client":
        """What stands for the SDK's client of a service."""
        return _Client(
            {"s3": _S3, "sqs": _SQS, "sns": _SNS, "secretsmanager": _Secrets}[service](self)
        )

    @contextmanager
    def there(self) -> Iterator[None]:
        """The product's clients lead here as long as the block lasts."""
        kept_client, kept_session = pynamodb_base.Connection.client, session._session
        pynamodb_base.Connection.client = property(lambda _: _DynamoClient(self))  # type: ignore[assignment, method-assign]
        session._session = _Session(self)  # type: ignore[assignment]
        session.client.cache_clear()
        secrets.forget()
        try:
            yield
        finally:
            pynamodb_base.Connection.client = kept_client  # type: ignore[method-assign]
            session._session = kept_session
            session.client.cache_clear()
            secrets.forget()


class _DynamoClient:
    def __init__(self, cloud_: Cloud) -> None:
        self._cloud = cloud_

    def _make_api_call(self, operation: str, asked: dict[str, Any]) -> dict[str, Any]:
        table = asked.get("TableName", "")
        return self._cloud.faults.call(
            f"{operation} {table}", lambda: self._cloud.dynamo.answer(operation, asked)
        )


class _Session:
    def __init__(self, cloud_: Cloud) -> None:
        self._cloud = cloud_

    def create_client(self, service: str, **_: object) -> "_Client":
        return self._cloud.client(service)


class _Client:
    """Every method of the service stands behind the faults."""

    def __init__(self, service: Any) -> None:
        self._service = service
        self.exceptions = _Exceptions

    def __getattr__(self, name: str) -> Callable[..., Any]:
        method = getattr(self._service, name)
        if name == "get_paginator":
            return method  # type: ignore[no-any-return]
        faults = self._service.cloud.faults
        return lambda **asked: faults.call(name, lambda: method(**asked))


class _NoSuchKey(ClientError):
    def __init__(self) -> None:
        super().__init__({"Error": {"Code": "NoSuchKey", "Message": "no such key"}}, "GetObject")


class _Exceptions:
    NoSuchKey = _NoSuchKey
    ClientError = ClientError


class _Service:
    def __init__(self, cloud_: Cloud) -> None:
        self.cloud = cloud_


class _S3(_Service):
    def put_object(self, *, Bucket: str, Key: str, Body: bytes, **_: object) -> dict[str, Any]:
        self.cloud.objects[Bucket][Key] = bytes(Body)
        return {}

    def get_object(self, *, Bucket: str, Key: str) -> dict[str, Any]:
        if Key not in self.cloud.objects[Bucket]:
            raise _NoSuchKey
        return {"Body": io.BytesIO(self.cloud.objects[Bucket][Key])}

    def delete_object(self, *, Bucket: str, Key: str) -> dict[str, Any]:
        self.cloud.objects[Bucket].pop(Key, None)
        return {}

    def get_paginator(self, _: str) -> "_S3":
        return self

    def paginate(self, *, Bucket: str, Prefix: str) -> list[dict[str, Any]]:
        held = self.cloud.objects[Bucket]
        return [{"Contents": [{"Key": key} for key in sorted(held) if key.startswith(Prefix)]}]


class _SQS(_Service):
    def send_message_batch(self, *, QueueUrl: str, Entries: list[dict[str, Any]]) -> dict[str, Any]:
        self.cloud.sent[QueueUrl] += [entry["MessageBody"] for entry in Entries]
        return {}

    def get_queue_url(self, *, QueueName: str, **_: object) -> dict[str, Any]:
        return {"QueueUrl": QueueName}

    def change_message_visibility(self, **_: object) -> dict[str, Any]:
        return {}


class _SNS(_Service):
    def publish(self, *, Message: str, **_: object) -> dict[str, Any]:
        self.cloud.told.append(Message)
        return {}


class _Secrets(_Service):
    def get_secret_value(self, *, SecretId: str) -> dict[str, Any]:
        if SecretId not in self.cloud.secrets:
            code = {"Error": {"Code": "ResourceNotFoundException", "Message": "none"}}
            raise ClientError(code, "GetSecretValue")  # type: ignore[arg-type]
        return {"SecretString": self.cloud.secrets[SecretId]}


def s3_notice(key: str) -> str:
    """What S3 tells a queue of a new object."""
    return json.dumps({"Records": [{"s3": {"object": {"key": key}}}]})


def _keys(said: dict[str, Any]) -> tuple[str, ...]:
    return tuple(each["AttributeName"] for each in said["KeySchema"])


def _pair(index: dict[str, Any]) -> tuple[str, str]:
    one, other = (each["AttributeName"] for each in index["KeySchema"])
    return one, other


def _indexes(said: dict[str, Any]) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = said.get("GlobalSecondaryIndexes", [])
    return found
