"""After all the others (pytest takes files by name): did any function lack a right?"""

import pytest

from local.aws import LocalAws

pytestmark = pytest.mark.local


def test_no_function_was_denied_what_it_needs(aws: LocalAws) -> None:
    log = aws.log.read_text()

    assert "AccessDenied" not in log
    assert "is not authorized" not in log
    assert "Worker init failed" not in log
