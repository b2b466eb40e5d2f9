"""May each role do what the table of rights says on each route, and nothing beyond it?"""

import re

import pytest

from functions.api.register.handler import handle
from tests.api.calls import answered, event
from tests.api.rooms import ROUTES as OF_ROOMS
from tests.register.conftest import aws, made
from vouchsafe.edge import audit_table
from vouchsafe.pure.asking import Route
from vouchsafe.pure.rights import RIGHTS, ROLES, Role

__all__ = ["aws", "made"]
pytestmark = pytest.mark.usefixtures("aws")

ROUTES = OF_ROOMS["register"]
NAMES = [route.name for route in ROUTES]
# What the issue asks of each role: read the table of rights against it, not against itself.
MAY = {
    "viewer": {"read"},
    "editor": {"read", "draft"},
    "approver": {"read", "draft", "approve", "look_up"},
    "admin": {"read", "draft", "approve", "look_up", "administer"},
}


def path_of(route: Route) -> str:
    return re.sub(r"\{\w+\}", "X1", route.path)


PAIRS: list[tuple[Role, Route]] = [(role, route) for role in ROLES for route in ROUTES]


@pytest.mark.parametrize(
    ("role", "route"), PAIRS, ids=[f"{role}-{route.name}" for role, route in PAIRS]
)
def test_a_role_gets_past_the_door_only_with_the_right(role: Role, route: Route) -> None:
    told = answered(handle, event(route.method, path_of(route), {}, groups=f"[{role}]"))

    assert (told.status != 403) == (route.right in MAY[role])
    assert (route.right in MAY[role]) == (route.right in RIGHTS[role])
    assert told.status not in (405, 500, 503)
    if told.status == 403:
        assert audit_table.last() is None


@pytest.mark.parametrize("route", ROUTES, ids=NAMES)
def test_nobody_else_gets_in(route: Route) -> None:
    path = path_of(route)

    assert answered(handle, event(route.method, path, {})).status == 401
    for groups in ("[]", "[staff]", "[Admin]", "[administrators]"):
        assert answered(handle, event(route.method, path, {}, groups=groups)).status == 403


def test_what_changes_anything_is_a_right_of_its_own() -> None:
    rights = {route.name: route.right for route in ROUTES}

    assert {name for name, right in rights.items() if right == "approve"} == {
        "approveProposal",
        "rejectProposal",
        "pausePromotion",
        "resumePromotion",
        "retirePromotion",
        "switchAgain",
        "imposeStanding",
        "liftStanding",
        "decideAppeal",
        "withdrawValue",
    }
    # Who somebody is does not belong into an address, which is logged.
    reading = [route for route in ROUTES if route.right == "read" and route.name != "lookStanding"]
    assert {route.method for route in reading} == {"GET"}


def test_every_operation_has_a_name_of_its_own() -> None:
    assert len(set(NAMES)) == len(NAMES)
