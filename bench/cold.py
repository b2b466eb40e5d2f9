"""Cold starts: a fresh process that imports a function's handler, beside a bare SDK client.

The function's third parties are those of the vendor layer, built as for AWS; the client's are the
same packages as their makers give them.
"""

import os
import platform
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path

from bench.figure import Effort, Figure, Section, at_most
from tests.house.modules import imported, lambda_environment, lambda_paths, of_a_bare_client
from tests.house.stack import ROOT, functions, module_of, text

_ROUNDS = 5
_FLOOR = "import botocore.session as s; s.get_session().create_client('dynamodb')"
# G1 and performance.md, section 8, by what starts a function; 1.45 where pydantic reads a document.
_TARGETS = {
    "Webhook": 1.45,
    "Fetch": 1.45,
    "Sweep": 1.45,
    "Statement": 1.45,
    "Replay": 1.45,
    "Hear": 1.45,
    "ChannelsDeliver": 1.45,
    "CensusApi": 1.45,
    "RegisterApi": 1.45,
    "ValidationsApi": 1.45,
    "ExportSchedule": 1.60,
    "ReconcileSchedule": 1.40,
}
_OTHERS = 1.15


def section(effort: Effort) -> Section:
    statements = {name: f"import {module_of(name)}" for name in functions()} | {"": _FLOOR}
    rounds = effort.of(_ROUNDS)
    names = list(statements) if effort.share >= 1 else ["", "ShopifyWebhook"]
    found: dict[str, list[float]] = {name: [] for name in names}
    with tempfile.TemporaryDirectory() as folder:
        layers = {name: _layer(name, folder) for name in ("Vendor", "Engine")}
        for at in range(rounds):
            for step, name in enumerate(names):
                effort.tell(at * len(names) + step, rounds * len(names))
                paths = _paths(name, layers) if name else lambda_paths()
                found[name].append(_cpu_s(name, statements[name], paths))
    times = {name: statistics.median(each) for name, each in found.items()}
    floor, bare = times.pop(""), len(of_a_bare_client())
    return Section(
        title="Cold start of each function",
        floor=f"C, a bare botocore client: {floor * 1e3:.0f} ms of CPU, {bare} modules",
        figures=tuple(_figure(name, times[name] / floor, bare) for name in sorted(times)),
        notes=(
            "Median CPU of fresh processes that leave at once, taking turns; clients that a"
            " function makes while it starts are in it.",
            "Functions start on the vendor layer as it is built for AWS, the bare client on the SDK"
            " as its maker gives it: what the layer's trimming saves is in the ratio.",
        ),
    )


def _figure(name: str, ratio: float, bare: int) -> Figure:
    modules = len(imported(name))
    target = next((most for end, most in _TARGETS.items() if name.endswith(end)), _OTHERS)
    detail = f"{modules} modules, {modules / bare:.2f} of the bare client's"
    return at_most(name, ratio, target, unit="C", detail=detail)


def _paths(function: str, layers: Mapping[str, str]) -> list[str]:
    """Where the function finds code: itself, our layer, and its layers of third parties."""
    own = [text(layer) for layer in functions()[function].get("Layers", [])]
    parties = [layers[name] for name in ("Vendor", *own) if name in layers]
    return [str(ROOT), str(ROOT / "layers/vouchsafe"), *dict.fromkeys(parties)]


def _layer(name: str, folder: str) -> str:
    """A layer, built for this interpreter by the project's own Makefile; its packages."""
    version = sys.version_info
    subprocess.run(
        [
            "make",
            "-s",
            f"build-{name}",
            f"ARTIFACTS_DIR={folder}/{name}",
            f"COMPILER={sys.executable}",
            f"PY_RUNTIME=python{version.major}.{version.minor}",
            f"MACHINE={platform.machine()}",
        ],
        cwd=ROOT / "layers" / name.lower(),
        check=True,
    )
    return str(Path(folder) / name / "python")


def _cpu_s(function: str, statement: str, paths: Sequence[str]) -> float:
    """CPU seconds of a fresh interpreter that runs the statement and leaves."""
    code = f"import os, sys\nsys.path[:0] = {[*paths]!r}\n{statement}\nos._exit(0)"
    process = subprocess.Popen(
        [sys.executable, "-I", "-S", "-c", code], env=lambda_environment(function)
    )
    _, status, used = os.wait4(process.pid, 0)
    process.returncode = status
    if status:
        raise RuntimeError(f"{function} does not start")
    return used.ru_utime + used.ru_stime
