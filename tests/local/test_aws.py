"""What the local AWS keeps when it is stopped or killed: as the README says it."""

from pathlib import Path

import pytest
from botocore.exceptions import ClientError

from local.aws import LocalAws

pytestmark = pytest.mark.local


def _make(aws: LocalAws) -> None:
    aws.client("dynamodb").create_table(
        TableName="kept",
        AttributeDefinitions=[{"AttributeName": "pk", "AttributeType": "S"}],
        KeySchema=[{"AttributeName": "pk", "KeyType": "HASH"}],
        BillingMode="PAY_PER_REQUEST",
    )
    aws.client("s3").create_bucket(
        Bucket="kept", CreateBucketConfiguration={"LocationConstraint": "eu-west-1"}
    )
    aws.put_secret("identity", "a key")


def _write(aws: LocalAws, name: str) -> None:
    aws.client("dynamodb").put_item(TableName="kept", Item={"pk": {"S": name}})
    aws.client("s3").put_object(Bucket="kept", Key=name, Body=b"")


def _items(aws: LocalAws) -> set[str]:
    return {item["pk"]["S"] for item in aws.client("dynamodb").scan(TableName="kept")["Items"]}


def _objects(aws: LocalAws) -> set[str]:
    return {each["Key"] for each in aws.client("s3").list_objects_v2(Bucket="kept")["Contents"]}


def test_a_stop_keeps_everything_and_a_kill_keeps_objects(tmp_path: Path) -> None:
    aws = LocalAws(tmp_path)
    try:
        aws.start()
        _make(aws)
        _write(aws, "before the stop")
        aws.stop()

        aws.start(afresh=False)
        assert _items(aws) == {"before the stop"}
        assert _objects(aws) == {"before the stop"}
        secret = aws.client("secretsmanager").get_secret_value(SecretId="vouchsafe/identity")
        assert secret["SecretString"] == "a key"

        _write(aws, "before the kill")
        aws.kill()

        aws.start(afresh=False)
        assert _items(aws) == {"before the stop"}
        assert _objects(aws) == {"before the stop", "before the kill"}
    finally:
        aws.stop()


def test_a_fresh_start_forgets(tmp_path: Path) -> None:
    aws = LocalAws(tmp_path)
    try:
        aws.start()
        _make(aws)
        aws.stop()

        aws.start()
        with pytest.raises(ClientError, match="ResourceNotFound"):
            _items(aws)
    finally:
        aws.stop()


def test_two_run_beside_each_other(tmp_path: Path) -> None:
    with LocalAws(tmp_path / "one") as one, LocalAws(tmp_path / "other") as other:
        _make(one)

        assert one.endpoint != other.endpoint
        assert other.client("dynamodb").list_tables()["TableNames"] == []


def test_nothing_of_the_caller_s_environment_reaches_a_lambda(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HTTPS_PROXY", "http://localhost:1")
    monkeypatch.setenv("TZ", "America/New_York")
    monkeypatch.setenv("MY_SECRET", "a secret")

    environment = LocalAws(tmp_path).environment()

    assert environment["TZ"] == "UTC"
    assert environment["BIND_HOST"] == "127.0.0.1"
    assert not {"HTTPS_PROXY", "MY_SECRET"} & environment.keys()
