"""Makes the virtual environments, each once for each content of its requirement files.

Runs on the machine's own Python before anything is installed: standard library only.
"""

import hashlib
import shutil
import subprocess
import sys
import venv
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

OLDEST_PYTHON = (3, 11)
ROOT = Path(__file__).resolve().parent.parent


@dataclass(frozen=True)
class Environment:
    """One virtual environment and the pinned lists that make it up."""

    name: str
    folder: Path
    lists: tuple[Path, ...]


ENVIRONMENTS = {
    "run": Environment(
        "run", ROOT / ".venv", (ROOT / "requirements/run.txt", ROOT / "requirements/data.txt")
    ),
    "test": Environment("test", ROOT / ".venv", (ROOT / "requirements/test.txt",)),
    "sam": Environment("sam", ROOT / ".venv-sam", (ROOT / "requirements/sam.txt",)),
}


def main(names: list[str]) -> int:
    if sys.version_info < OLDEST_PYTHON:
        found = ".".join(map(str, sys.version_info[:3]))
        print(f"Python 3.11 or newer is needed, this is {found}. Name one: make PYTHON=python3.13")
        return 1
    return max(make(ENVIRONMENTS[name]) for name in names)


def make(environment: Environment) -> int:
    """Installs what is missing; 0 when the environment is as its lists say."""
    stamp = environment.folder / ".stamps" / environment.name
    wanted = hashlib.sha256(b"".join(path.read_bytes() for path in environment.lists)).hexdigest()
    if _is_usable(environment.folder) and stamp.is_file() and stamp.read_text() == wanted:
        return 0
    _make_folder(environment.folder)
    status = _install(environment)
    if status == 0:
        stamp.parent.mkdir(exist_ok=True)
        stamp.write_text(wanted)
    return status


def _is_usable(folder: Path) -> bool:
    """Not one whose making was broken off, nor one whose Python has left the machine."""
    return (folder / "bin/python").exists() and (folder / "bin/pip").exists()


def _make_folder(folder: Path) -> None:
    """One that can be used stays, whatever Python it has."""
    if not _is_usable(folder):
        shutil.rmtree(folder, ignore_errors=True)
        print(f"{folder.name}: making a virtual environment ...", flush=True)
        venv.create(folder, with_pip=True)


def _install(environment: Environment) -> int:
    pip = [str(environment.folder / "bin/python"), "-m", "pip", "install"]
    lists = [word for path in environment.lists for word in ("-r", str(path))]
    # The lists name every transitive package, so there is nothing left for pip to resolve.
    command = [*pip, "--no-deps", "--no-input", "--disable-pip-version-check", *lists]
    total = sum(1 for path in environment.lists for _ in _pins(path))
    process = subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, cwd=ROOT
    )
    said = list(_watch(process, environment.folder.name, total))
    if process.wait() != 0:
        print("\n" + "".join(said[-20:]), end="")
    return process.returncode


def _watch(process: "subprocess.Popen[str]", name: str, total: int) -> Iterator[str]:
    """Passes pip's lines on while a bar counts the packages it has in hand."""
    found = 0
    for line in process.stdout or ():
        found += line.startswith(("Collecting ", "Requirement already satisfied"))
        if line.startswith("Installing collected"):
            _show(name, total, total, "unpacking")
        elif line.startswith("Collecting "):
            _show(name, found, total, line.split()[1].split("=")[0])
        yield line
    print(f"\r{name}: {total} packages, ready".ljust(78), flush=True)


def _show(name: str, done: int, total: int, what: str) -> None:
    filled = 30 * min(done, total) // total
    bar = "#" * filled + "." * (30 - filled)
    if sys.stdout.isatty():
        print(f"\r{name}: [{bar}] {done}/{total} {what}".ljust(78), end="", flush=True)
    elif done in (1, total):
        print(f"{name}: {done}/{total} packages, {what}", flush=True)


def _pins(path: Path) -> Iterator[str]:
    return (line for line in path.read_text().splitlines() if "==" in line)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
