"""Which modules each function imports, against a kept list: cold starts are imports.

`python -m tests.house.modules` keeps the lists anew; a review then sees what became heavier.
"""

import os
import subprocess
import sys
from pathlib import Path

from tests.cloud import template
from tests.house.stack import ROOT, functions, module_of, text, variables

KEPT = Path(__file__).parent / "modules"
# Modules at most, as performance.md section 8 gives them (pydantic stands on no hot path).
BUDGETS = {
    "Webhook": 390,
    "Fetch": 390,
    "Sweep": 390,
    "Statement": 390,
    "Replay": 390,
    "Forget": 390,
    "Stream": 390,
    "Again": 390,
    "Deliver": 390,
    "Api": 390,
    "Schedule": 450,
}
FORBIDDEN = {
    "asyncio",
    "aws_lambda_powertools.event_handler",
    "aws_lambda_powertools.tracing",
    "aws_xray_sdk",
    "boto3",
    "multiprocessing",
    "numpy",
    "pandas",
    "pydantic",
    "requests",
    "s3transfer",
}

# Asked of a fresh interpreter without site packages' start-up files, which Lambda has not either.
_ASK = """
import importlib, sys
sys.path[:0] = {paths!r}
importlib.import_module({module!r})
print("\\n".join(sorted(sys.modules)))
"""


def imported(function: str) -> list[str]:
    """The modules that a cold start of the function loads, the bare interpreter's among them.

    It runs with exactly the environment that the template gives, so that a variable which is
    missing there is missing here.
    """
    paths = [str(ROOT), str(ROOT / "layers/vouchsafe"), *_site_packages()]
    own = {name: _plain(value) for name, value in variables(function).items()}
    lambda_gives = {"AWS_DEFAULT_REGION": "eu-west-1", "LAMBDA_TASK_ROOT": "/var/task"}
    asked = subprocess.run(
        [sys.executable, "-I", "-S", "-c", _ASK.format(paths=paths, module=module_of(function))],
        env={"PATH": os.environ["PATH"], **lambda_gives, **own},
        capture_output=True,
        text=True,
        check=False,
    )
    if asked.returncode != 0:
        raise ImportError(f"{function}: {asked.stderr[-2000:]}")
    return asked.stdout.split()


def ours_and_theirs(modules: list[str]) -> list[str]:
    """Without the standard library, whose modules differ between the Pythons that we run on."""
    return [name for name in modules if name.split(".")[0] not in sys.stdlib_module_names]


def kept(function: str) -> list[str]:
    return (KEPT / f"{function}.txt").read_text().split()


def _site_packages() -> list[str]:
    return [path for path in sys.path if path.endswith("site-packages")]


def _plain(value: object) -> str:
    """What stands for a value of the template; a choice is the one made on AWS."""
    if isinstance(value, str):
        return value
    if isinstance(value, dict) and "If" in value:
        return _plain(value["If"][1])
    parameter = template()["Parameters"].get(text(value), {})
    return str(parameter.get("Default", "https://example.com/123456789012/somewhere"))


def keep_all() -> None:
    KEPT.mkdir(exist_ok=True)
    for path in KEPT.glob("*.txt"):
        path.unlink()
    for function in sorted(functions()):
        modules = imported(function)
        (KEPT / f"{function}.txt").write_text("\n".join(ours_and_theirs(modules)) + "\n")
        sys.stdout.write(f"{function}: {len(modules)} modules\n")


if __name__ == "__main__":
    keep_all()
