"""Weight is a test: the modules of every function, exactly, and within the budget."""

import pytest

from tests.house.modules import (
    BUDGETS,
    FORBIDDEN,
    KEPT,
    imported,
    kept,
    of_a_bare_client,
    of_others,
    without_stdlib,
)
from tests.house.stack import functions, module_of


@pytest.fixture(scope="module", params=sorted(functions()))
def loaded(request: pytest.FixtureRequest) -> tuple[str, list[str]]:
    return request.param, imported(request.param)


def test_a_function_imports_what_it_did_before(loaded: tuple[str, list[str]]) -> None:
    """What is new is worth a look, then `make modules`."""
    function, modules = loaded

    assert without_stdlib(modules) == kept(function)


@pytest.fixture(scope="module")
def bare() -> set[str]:
    return set(of_a_bare_client())


def test_a_function_stays_within_its_budget(loaded: tuple[str, list[str]], bare: set[str]) -> None:
    function, modules = loaded
    budget = next(most for noun, most in BUDGETS.items() if function.endswith(noun))

    assert len(set(of_others(modules)) - bare) <= budget


def test_only_those_who_read_others_documents_load_pydantic(
    loaded: tuple[str, list[str]],
) -> None:
    """Vendors' documents, and the bodies of calls."""
    function, modules = loaded
    of_vendors = module_of(function).startswith("functions.sources.") and "Forget" not in function
    of_vendors = of_vendors or function == "ChannelsDeliver"
    of_callers = function in ("CensusApi", "RegisterApi", "ValidationsApi", "ValuesApi")

    assert ("pydantic" in modules) == (of_vendors or of_callers)


def test_a_function_imports_nothing_that_is_forbidden(loaded: tuple[str, list[str]]) -> None:
    _, modules = loaded

    assert not FORBIDDEN & set(modules)


def test_lists_are_kept_for_functions_that_there_are() -> None:
    assert {path.stem for path in KEPT.glob("*.txt")} == set(functions())
