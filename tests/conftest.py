"""No test reaches an account: the credentials are false and the region is fixed."""

import os
from collections.abc import Iterator

import pytest

from tests import cloud

# Before any test imports it: its assertions then show their values.
pytest.register_assert_rewrite("tests.sources.suite")

os.environ.update(
    AWS_ACCESS_KEY_ID="testing",
    AWS_SECRET_ACCESS_KEY="testing",
    AWS_SESSION_TOKEN="testing",
    AWS_DEFAULT_REGION="eu-west-1",
    AWS_EC2_METADATA_DISABLED="true",
)
for variable in ("AWS_PROFILE", "AWS_ENDPOINT_URL", "AWS_CONFIG_FILE"):
    os.environ.pop(variable, None)

cloud.set_environment()


@pytest.fixture
def aws() -> Iterator[None]:
    """Everything that the template makes, in moto."""
    with cloud.made():
        yield
