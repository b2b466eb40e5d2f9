"""Every room of the API whose routes are data: what is tried on all is tried on new ones."""

from importlib import import_module
from pkgutil import iter_modules
from typing import Any

import functions.api
from vouchsafe.pure.asking import Route, routes_of

# Whose callers are shops; every other room is for people.
SHOPS = frozenset({"validations", "values"})


def _rooms() -> dict[str, Any]:
    names = [each.name for each in iter_modules(functions.api.__path__)]
    found = {name: import_module(f"functions.api.{name}.handler") for name in names}
    return {name: handler for name, handler in found.items() if hasattr(handler, "ROUTES")}


ROOMS = _rooms()
ROUTES: dict[str, tuple[Route, ...]] = {
    name: routes_of(handler.ROUTES) for name, handler in ROOMS.items()
}
