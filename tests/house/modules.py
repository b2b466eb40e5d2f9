"""Which modules each function imports, against a kept list: cold starts are imports.

`python -m tests.house.modules` keeps the lists anew; a review then sees what became heavier.
"""

import os
import subprocess
import sys
from pathlib import Path

from tests.cloud import template
from tests.house.stack import ROOT, functions, module_of, text, variables
from tests.house.uses import areas_of

KEPT = Path(__file__).parent / "modules"
# Modules at most, of others, above those of a bare SDK client in the same interpreter (decision
# 0002): Powertools and PynamoDB are 62, pydantic and what it brings 48, zones and Unicode 9.
BUDGETS = {
    "Webhook": 120,
    "Hear": 120,
    "Fetch": 120,
    "Sweep": 120,
    "Statement": 120,
    "Replay": 120,
    "Forget": 75,
    "Stream": 75,
    "Again": 75,
    "ChannelsDeliver": 120,
    "Deliver": 75,
    "RegisterApi": 125,
    "ValidationsApi": 125,
    "ValuesApi": 125,
    "CensusApi": 125,
    "Api": 66,
    "Apply": 75,
    "Count": 75,
    "FidelitySchedule": 75,
    "ReconcileSchedule": 75,
    "ExportSchedule": 119,
}
FORBIDDEN = {
    "asyncio",
    "aws_lambda_powertools.event_handler",
    "aws_xray_sdk",
    "boto3",
    "multiprocessing",
    "numpy",
    "pandas",
    "requests",
    "s3transfer",
}

# Asked of a fresh interpreter without site packages' start-up files, which Lambda has not either.
_ASK = """
import sys
sys.path[:0] = {paths!r}
{statement}
print("\\n".join(sorted(sys.modules)))
"""


def imported(function: str, area: str | None = None) -> list[str]:
    """The modules that the function loads, the bare interpreter's among them: with one area of
    routes, as its first call does, or with all that it has.

    It runs with exactly the environment that the template gives, so that a variable which is
    missing there is missing here.
    """
    entry = module_of(function)
    areas = areas_of(entry) if area is None else [area]
    return _loaded(f"import {', '.join((entry, *areas))}", lambda_environment(function))


def of_a_bare_client() -> list[str]:
    """What a Lambda that only holds a DynamoDB client loads: the floor of all of ours."""
    bare = "import botocore.session as s; s.get_session().create_client('dynamodb')"
    return _loaded(bare, lambda_environment())


def without_stdlib(modules: list[str]) -> list[str]:
    """The standard library's modules differ between the Pythons that we run on."""
    return [name for name in modules if name.split(".")[0] not in sys.stdlib_module_names]


def of_others(modules: list[str]) -> list[str]:
    """What we did not write; our own modules are small, and the kept lists show them."""
    return [name for name in modules if name.split(".")[0] not in ("functions", "vouchsafe")]


def kept(function: str) -> list[str]:
    return (KEPT / f"{function}.txt").read_text().split()


def lambda_environment(function: str = "") -> dict[str, str]:
    """What Lambda gives, and what the template gives the function; no function, none of that."""
    own = variables(function) if function else {}
    return {
        "PATH": os.environ["PATH"],
        "AWS_ACCESS_KEY_ID": "x",
        "AWS_DEFAULT_REGION": "eu-west-1",
        "AWS_SECRET_ACCESS_KEY": "x",
        "LAMBDA_TASK_ROOT": "/var/task",
        **{name: _plain(value) for name, value in own.items()},
    }


def lambda_paths() -> list[str]:
    """Where Lambda finds code: the function, our layer, third parties."""
    parties = [path for path in sys.path if path.endswith("site-packages")]
    return [str(ROOT), str(ROOT / "layers/vouchsafe"), *parties]


def _loaded(statement: str, environment: dict[str, str]) -> list[str]:
    asked = subprocess.run(
        [sys.executable, "-I", "-S", "-c", _ASK.format(paths=lambda_paths(), statement=statement)],
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    if asked.returncode != 0:
        raise ImportError(f"{statement}: {asked.stderr[-2000:]}")
    return asked.stdout.split()


def _plain(value: object) -> str:
    """What stands for a value of the template; a choice is the one made on AWS."""
    if isinstance(value, str):
        return value
    if isinstance(value, dict) and "If" in value:
        return _plain(value["If"][1])
    parameter = template()["Parameters"].get(text(value), {})
    return str(parameter.get("Default", "https://example.com/123456789012/somewhere"))


def keep_all() -> None:
    found = {function: imported(function) for function in sorted(functions())}
    KEPT.mkdir(exist_ok=True)
    for path in KEPT.glob("*.txt"):
        path.unlink()
    for function, modules in found.items():
        (KEPT / f"{function}.txt").write_text("\n".join(without_stdlib(modules)) + "\n")
        sys.stdout.write(f"{function}: {len(modules)} modules\n")


if __name__ == "__main__":
    keep_all()
