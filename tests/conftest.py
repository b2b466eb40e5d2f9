"""No test reaches an account: the credentials are false and the region is fixed."""

import os
import sys
from collections.abc import Iterator

import pytest
from hypothesis import HealthCheck, settings

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

# Properties try the same examples at every run, so that a verdict tells of the change and of
# nothing else; `make explore` tries others. None is timed: machines differ.
_UNTIMED = {"deadline": None, "suppress_health_check": [HealthCheck.too_slow]}
settings.register_profile("gate", **_UNTIMED, derandomize=True)
settings.register_profile("explore", **_UNTIMED, max_examples=2000, print_blob=True)
settings.load_profile("gate")


@pytest.fixture
def aws() -> Iterator[None]:
    """Everything that the template makes, in moto."""
    with cloud.made():
        yield


@pytest.fixture(autouse=True)
def nobody_hangs_on() -> Iterator[None]:
    """Connections that a warm Lambda would keep end with their test."""
    yield
    vendor_http = sys.modules.get("vouchsafe.edge.vendor_http")
    if vendor_http is not None:
        vendor_http.hang_up()
