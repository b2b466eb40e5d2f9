"""Does a room load an area's routes by the first call for them, and find each of them there?"""

import re
import subprocess
import sys

import pytest

from functions.api.register.handler import ROUTES
from tests.api.rooms import ROUTES as OF_ROOMS
from tests.house.modules import lambda_environment, lambda_paths
from vouchsafe.pure.asking import Area, Route, routes_of

AREAS = [each for each in ROUTES if isinstance(each, Area)]
LOADED = """
import sys
sys.path[:0] = {paths!r}
from functions.api.register.handler import handle
{call}
print([name for name in sys.modules if name.startswith("functions.api.register.routes.")])
"""


def path_of(route: Route) -> str:
    return re.sub(r"\{\w+\}", "X1", route.path)


@pytest.mark.parametrize("route", OF_ROOMS["register"], ids=lambda route: route.name)
def test_each_route_lies_in_one_area_that_has_its_path(route: Route) -> None:
    having = [area for area in AREAS if area.has("register", path_of(route))]

    assert len(having) == 1
    assert route.name in {each.name for each in having[0].routes()}


@pytest.mark.parametrize("path", ["/register/codesmith", "/census/codes", "/register", "/codes"])
def test_what_only_begins_alike_is_no_path_of_an_area(path: str) -> None:
    assert not any(area.has("register", path) for area in AREAS)


def test_a_rooms_routes_are_those_of_its_areas_and_its_own() -> None:
    keys = next(area for area in AREAS if area.module.endswith(".keys"))
    own = OF_ROOMS["census"][0]

    assert routes_of((keys, own)) == (*keys.routes(), own)


def test_a_function_starts_without_its_areas() -> None:
    assert _loaded("") == "[]"


def test_a_call_loads_its_own_area_alone() -> None:
    call = (
        'event = {"requestContext": {"http": {"method": "PATCH"}}, "rawPath": "/register/keys"}\n'
        "handle(event, None)"
    )

    assert _loaded(call) == ("['functions.api.register.routes.keys']")


def _loaded(call: str) -> str:
    said = subprocess.run(
        [sys.executable, "-I", "-S", "-c", LOADED.format(paths=lambda_paths(), call=call)],
        env=lambda_environment("RegisterApi"),
        capture_output=True,
        text=True,
        check=True,
    )
    return said.stdout.splitlines()[-1]
