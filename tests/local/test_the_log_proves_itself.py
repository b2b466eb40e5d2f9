"""What people did on the deployed stack before this test: does its log prove itself?"""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from local.aws import LocalAws
from local.packages import ROOT
from local.replay import environment

pytestmark = pytest.mark.local


def test_the_audit_log_is_taken_out_and_holds(aws: LocalAws, tmp_path: Path) -> None:
    file = tmp_path / "audit.txt"
    command = [sys.executable, "-m", "console.audit", str(file)]

    said = subprocess.run(
        command,
        cwd=ROOT,
        env={**os.environ, **environment(aws)},
        capture_output=True,
        text=True,
        check=True,
    ).stdout

    assert "each of which follows from the one before" in said
    assert '"what":"proposal_applied"' in file.read_text("utf-8")
