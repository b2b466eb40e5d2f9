"""The environment, read here and nowhere else."""

import os


class MissingSetting(RuntimeError):
    """A variable that this function cannot live without is not set."""


def setting(name: str) -> str:
    """The variable's value. A missing or empty one stops the cold start with its name."""
    value = os.environ.get(name, "")
    if not value:
        raise MissingSetting(f"the environment variable {name} is not set")
    return value


def optional(name: str, default: str) -> str:
    """The variable's value, or the default where it is not set."""
    return os.environ.get(name, "") or default
