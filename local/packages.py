"""Builds what Lambda gets: `sam build`, then only Python in the rooms, with bytecode that lasts.

Bytecode is compiled by the interpreter of the runtime and never compared with its source, because
a zip that rewrites dates would otherwise make it void and double a cold start (decision 0002).
"""

import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from shutil import which

ROOT = Path(__file__).resolve().parent.parent
SAM = ROOT / ".venv-sam/bin/sam"
MACHINES = {"arm64": "aarch64", "x86_64": "x86_64"}


class CannotBuild(Exception):
    """What is missing, and what to do about it."""


@dataclass(frozen=True)
class Target:
    """Where the packages will run; `vendor` is `host` where the host's own packages serve."""

    runtime: str
    architecture: str
    compiler: Path
    vendor: str

    def environment(self) -> dict[str, str]:
        return {
            **os.environ,
            "COMPILER": str(self.compiler),
            "LOCAL_VENDOR": self.vendor,
            "MACHINE": MACHINES[self.architecture],
            "PY_RUNTIME": self.runtime,
            "SAM_CLI_TELEMETRY": "0",
        }


def here() -> Target:
    """The local AWS: its Lambdas run on this very interpreter and on its packages."""
    runtime = "python{}.{}".format(*sys.version_info[:2])
    return Target(runtime, "x86_64", Path(sys.executable), "host")


def on_aws(runtime: str, architecture: str, python: str, search_path: str | None = None) -> Target:
    """Raises CannotBuild where no interpreter of the runtime is at hand."""
    found = (which(name, path=search_path) for name in (python, runtime))
    compiler = next((path for path in found if _is(path, runtime)), None)
    if compiler is None:
        raise CannotBuild(
            f"{runtime} is the runtime to deploy, but there is no {runtime} on this machine to "
            f"compile for it. Install it, or choose the one you have: make deploy "
            f"PYTHON=python3.11 (3.11, 3.12 and 3.13 will do)."
        )
    return Target(runtime, architecture, Path(compiler), "wheels")


def _is(python: str | None, runtime: str) -> bool:
    """Whether this interpreter starts (a shim may not) and is the runtime's version."""
    ask = "import sys; print('python{}.{}'.format(*sys.version_info[:2]))"
    if python is None:
        return False
    said = subprocess.run([python, "-c", ask], capture_output=True, text=True, check=False)
    return said.stdout.strip() == runtime


def build(target: Target, folder: Path) -> Path:
    """Builds into the folder and returns the template to deploy. Raises CannotBuild."""
    command = [str(SAM), "build", "--build-dir", str(folder), "--no-cached", "--parallel"]
    overrides = ["--parameter-overrides", f"PyRuntime={target.runtime}"]
    built = subprocess.run(
        command + overrides,
        cwd=ROOT,
        env=target.environment(),
        capture_output=True,
        text=True,
        check=False,
    )
    if built.returncode != 0:
        raise CannotBuild(built.stdout + built.stderr)
    _finish_rooms(target.compiler, folder)
    return folder / "template.yaml"


def _finish_rooms(compiler: Path, folder: Path) -> None:
    rooms = sorted(path for path in folder.glob("*/functions"))
    for room in rooms:
        for path in room.rglob("*"):
            if path.is_file() and path.suffix != ".py":
                path.unlink()
    subprocess.run([str(compiler), "-c", _COMPILE, *map(str, rooms)], check=True)


# One process compiles all rooms: starting an interpreter for each would take longer than compiling.
_COMPILE = """
import compileall, py_compile, sys
for room in sys.argv[1:]:
    compileall.compile_dir(
        room, quiet=1, force=True, stripdir=room.removesuffix("/functions"), prependdir="/var/task",
        invalidation_mode=py_compile.PycInvalidationMode.UNCHECKED_HASH,
    )
"""
