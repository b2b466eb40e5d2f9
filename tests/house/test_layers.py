"""What the layers carry: our language, the pinned packages, and nothing beside them."""

import re

from tests.house.stack import ROOT

PACKAGES = ROOT / "layers/vouchsafe/vouchsafe"


def _pins(path: str) -> set[str]:
    return {line for line in (ROOT / path).read_text().splitlines() if "==" in line}


def test_the_layers_pin_what_the_laptop_runs() -> None:
    carried = _pins("layers/vendor/requirements.txt") | _pins("layers/engine/requirements.txt")

    assert carried <= _pins("requirements/run.txt")


def test_every_requirement_is_pinned_and_no_index_is_named() -> None:
    for path in (*ROOT.glob("requirements/*.txt"), *ROOT.glob("layers/*/requirements.txt")):
        lines = [line for line in path.read_text().splitlines() if not line.startswith("#")]

        assert all(re.fullmatch(r"[a-z0-9.-]+==[\w.]+", line) for line in lines), path


def test_our_layer_holds_code_and_nothing_else() -> None:
    there = {path for path in PACKAGES.rglob("*") if path.is_file() and path.suffix != ".pyc"}

    assert {path.suffix for path in there} <= {".py", ".typed"}
    assert not {path for path in there if "test" in path.name}


def test_the_vendor_layer_keeps_the_data_of_every_service_that_is_used() -> None:
    """The Makefile throws away what the SDK knows of other services."""
    kept = re.findall(
        r"^SERVICES := (.+)$", (ROOT / "layers/vendor/Makefile").read_text(), re.MULTILINE
    )[0].split()
    code = "".join(path.read_text() for path in PACKAGES.rglob("*.py"))

    used = set(re.findall(r'client\("(\w+)"\)', code)) | {"dynamodb"}

    assert used == set(kept)
