"""What tests of the register share: one cloud for a module, emptied after each test."""

from collections.abc import Iterator
from contextlib import suppress

import pytest
from botocore.exceptions import ClientError
from moto.dynamodb.models import dynamodb_backends
from moto.sqs.models import sqs_backends

from tests import cloud
from tests.edge.conftest import stream_image
from vouchsafe.edge import secrets

__all__ = ["stream_image"]


@pytest.fixture(scope="module")
def made() -> Iterator[None]:
    """Everything that the template makes, in moto; making it takes a second."""
    with cloud.made():
        yield


@pytest.fixture
def aws(made: None) -> Iterator[None]:
    """The cloud, empty."""
    yield
    for table in dynamodb_backends[cloud.ACCOUNT_ID][cloud.REGION].tables.values():
        table.items.clear()
    for queue in sqs_backends[cloud.ACCOUNT_ID][cloud.REGION].queues.values():
        queue._messages.clear()
    with suppress(ClientError):  # it is there, unless the test took it away
        cloud.put_secret("identity", cloud.IDENTITY_KEY)
    secrets.forget()
