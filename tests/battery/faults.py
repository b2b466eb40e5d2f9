"""What goes wrong at a call of the outside, drawn from a seed, or placed at one call by name."""

import random
from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal, TypeVar

from botocore.exceptions import ClientError, ReadTimeoutError

T = TypeVar("T")

Fault = Literal[
    "crash_before", "crash_after", "throttled", "broken", "timed_out_lost", "timed_out_applied"
]
FAULTS: tuple[Fault, ...] = (
    "crash_before",
    "crash_after",
    "throttled",
    "broken",
    "timed_out_lost",
    "timed_out_applied",
)


class Crash(BaseException):
    """The process died: nothing of it runs on, whatever it would have caught."""


@dataclass(slots=True)
class Plan:
    """Which calls fail, and how. `at` places faults by the number of the call."""

    rate: float = 0.0
    most: int = 0
    crashes: bool = True
    at: dict[int, Fault] | None = None


class Faults:
    """Stands between every call and its effect. Off, it lets everything pass."""

    def __init__(self, dice: random.Random, plan: Plan) -> None:
        self._dice = dice
        self._plan = plan
        self._left = plan.most
        self.on = True
        self.calls = 0
        self.made: list[tuple[int, str, Fault]] = []

    def call(self, name: str, effect: Callable[[], T]) -> T:
        """Makes the call, or makes it fail: before its effect, after it, or without a word."""
        fault = self._drawn()
        self.calls += 1
        if fault is None:
            return effect()
        self.made.append((self.calls - 1, name, fault))
        if fault in ("crash_after", "timed_out_applied"):
            effect()
        _raise(fault, name)
        raise AssertionError(fault)

    def _drawn(self) -> Fault | None:
        if not self.on:
            return None
        if self._plan.at is not None:
            return self._plan.at.get(self.calls)
        if self._left <= 0 or self._dice.random() >= self._plan.rate:
            return None
        self._left -= 1
        return self._dice.choice(FAULTS if self._plan.crashes else FAULTS[2:])


def _raise(fault: Fault, name: str) -> None:
    if fault in ("crash_before", "crash_after"):
        raise Crash
    if fault in ("timed_out_lost", "timed_out_applied"):
        raise ReadTimeoutError(endpoint_url=name)
    code = "ProvisionedThroughputExceededException" if fault == "throttled" else "InternalError"
    raise ClientError({"Error": {"Code": code, "Message": code}}, name)
