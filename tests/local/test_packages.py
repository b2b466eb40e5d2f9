"""What Lambda was given: code and bytecode that holds, and nothing else."""

import sys
from importlib.util import cache_from_source
from pathlib import Path

import pytest

from local import deployment, packages
from local.aws import LocalAws
from tests.house.stack import functions

pytestmark = pytest.mark.local

# PEP 552: the flags say that the source is hashed (1) and that nobody compares (not 2).
UNCHECKED_HASH = (1).to_bytes(4, "little")


def _sources(folder: Path) -> list[Path]:
    return [path for path in folder.rglob("*.py") if "__pycache__" not in path.parts]


@pytest.fixture(scope="module")
def built(aws: LocalAws) -> Path:
    return aws.folder / "build"


def test_all_code_has_bytecode_that_no_date_makes_void(built: Path) -> None:
    sources = _sources(built)

    assert len(sources) > 200
    for source in sources:
        compiled = Path(cache_from_source(str(source))).read_bytes()
        assert compiled[4:8] == UNCHECKED_HASH, source


def test_a_function_is_packed_with_its_room_and_nothing_else(built: Path) -> None:
    for name, function in functions().items():
        there = {
            path.relative_to(built / name).parts
            for path in (built / name).rglob("*")
            if path.is_file()
        }

        room = tuple(function["CodeUri"].strip("/").split("/"))
        assert {parts[: len(room)] for parts in there} == {room}
        assert {Path(parts[-1]).suffix for parts in there} == {".py", ".pyc"}


def test_our_layer_carries_the_language_alone(built: Path) -> None:
    layer = built / "Vouchsafe"

    assert [path.name for path in layer.iterdir()] == ["python"]
    assert [path.name for path in (layer / "python").iterdir()] == ["vouchsafe"]
    assert {path.suffix for path in layer.rglob("*") if path.is_file()} <= {
        ".py",
        ".pyc",
        ".typed",
    }


def test_a_traceback_names_the_places_of_lambda(built: Path) -> None:
    compiled = next((built / "ShopifyWebhook").rglob("verify.cpython-*.pyc")).read_bytes()

    assert b"/var/task/functions/sources/shopify/verify.py" in compiled
    assert str(built).encode() not in compiled


def test_the_host_s_own_packages_serve_locally(built: Path) -> None:
    for layer in ("Vendor", "Engine"):
        files = [path.name for path in (built / layer).rglob("*") if path.is_file()]

        assert files == [f"{layer.upper()}.txt"]


def test_a_runtime_that_nothing_can_compile_for_is_named_with_the_choice() -> None:
    missing = "python3.12" if sys.version_info[:2] != (3, 12) else "python3.13"

    with pytest.raises(packages.CannotBuild) as refused:
        packages.on_aws(missing, "arm64", sys.executable, search_path="")

    assert missing in str(refused.value)
    assert "make deploy PYTHON=" in str(refused.value)


def test_this_interpreter_can_be_chosen_as_the_runtime() -> None:
    runtime = "python{}.{}".format(*sys.version_info[:2])

    target = packages.on_aws(runtime, "x86_64", sys.executable)

    assert target.compiler == Path(sys.executable)
    assert target.environment()["MACHINE"] == "x86_64"
    assert deployment.overrides("production", target)[-2:] == [
        f"PyRuntime={runtime}",
        "Architecture=x86_64",
    ]
