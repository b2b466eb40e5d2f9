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
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from operator import attrgetter
from pathlib import Path

from bench.figure import Effort, Figure, Section, at_most
from tests.house.modules import imported, lambda_environment, lambda_paths, of_a_bare_client
from tests.house.stack import ROOT, functions, module_of, text
from tests.house.uses import areas_of

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
    "ValuesApi": 1.45,
    "ExportSchedule": 1.60,
    "ReconcileSchedule": 1.40,
}
_OTHERS = 1.15


@dataclass(frozen=True, slots=True)
class _Start:
    """A cold start under its name: a function's entry, and the area that its first call loads."""

    name: str
    function: str = ""
    entry: str = ""
    area: str | None = None

    def statement(self) -> str:
        if not self.function:
            return _FLOOR
        return f"import {self.entry}" + (f", {self.area}" if self.area else "")


def section(effort: Effort) -> Section:
    starts = [_Start(""), *(start for each in functions() for start in _starts(each))]
    rounds = effort.of(_ROUNDS)
    if effort.share < 1:
        starts = [each for each in starts if each.name in ("", "ShopifyWebhook")]
    found: dict[_Start, list[float]] = {start: [] for start in starts}
    with tempfile.TemporaryDirectory() as folder:
        layers = {name: _layer(name, folder) for name in ("Vendor", "Engine")}
        for at in range(rounds):
            for step, start in enumerate(starts):
                effort.tell(at * len(starts) + step, rounds * len(starts))
                found[start].append(_cpu_s(start, _paths(start.function, layers)))
    times = {start: statistics.median(each) for start, each in found.items()}
    floor, bare = times.pop(starts[0]), len(of_a_bare_client())
    return Section(
        title="Cold start of each function",
        floor=f"C, a bare botocore client: {floor * 1e3:.0f} ms of CPU, {bare} modules",
        figures=tuple(
            _figure(start, times[start] / floor, bare)
            for start in sorted(times, key=attrgetter("name"))
        ),
        notes=(
            "Median CPU of fresh processes that leave at once, taking turns; clients that a"
            " function makes while it starts are in it.",
            "Functions start on the vendor layer as it is built for AWS, the bare client on the SDK"
            " as its maker gives it: what the layer's trimming saves is in the ratio.",
            "A function that loads routes by area stands here with each, as a first call finds it.",
        ),
    )


def _starts(function: str) -> Iterator[_Start]:
    """One for each area of routes that its first call may load."""
    entry = module_of(function)
    areas = areas_of(entry)
    if not areas:
        yield _Start(function, function, entry)
    for area in areas:
        yield _Start(f"{function} {area.rpartition('.')[2]}", function, entry, area)


def _figure(start: _Start, ratio: float, bare: int) -> Figure:
    modules = len(imported(start.function, start.area))
    ends = (most for end, most in _TARGETS.items() if start.function.endswith(end))
    detail = f"{modules} modules, {modules / bare:.2f} of the bare client's"
    return at_most(start.name, ratio, next(ends, _OTHERS), unit="C", detail=detail)


def _paths(function: str, layers: Mapping[str, str]) -> list[str]:
    """Where the function finds code: itself, our layer, and its layers of third parties."""
    if not function:
        return lambda_paths()
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


def _cpu_s(start: _Start, paths: Sequence[str]) -> float:
    """CPU seconds of a fresh interpreter that starts so and leaves."""
    code = f"import os, sys\nsys.path[:0] = {[*paths]!r}\n{start.statement()}\nos._exit(0)"
    process = subprocess.Popen(
        [sys.executable, "-I", "-S", "-c", code], env=lambda_environment(start.function)
    )
    _, status, used = os.wait4(process.pid, 0)
    process.returncode = status
    if status:
        raise RuntimeError(f"{start.name} does not start")
    return used.ru_utime + used.ru_stime
