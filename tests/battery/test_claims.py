"""Do limits hold whatever is asked, told, raced and cut off, in any order?"""

import os
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, rule, run_state_machine_as_test

from .claims import CODES, ORDERS, TROUBLES, Spoil, World
from .planted import Patches, planted
from .planted_claims import PLANTED

# A push runs so many; `CLAIM_RUNS=20000` is a night's soak.
RUNS = int(os.environ.get("CLAIM_RUNS", "200"))

ACTS = (
    "reserve",
    "redeem",
    "confirm",
    "release",
    "roll_back",
    "give_back",
    "expire",
    "pass",
    "till",
    "till_told",
    "vanish",
    "deliver",
)
STATES = ("redeemed", "confirmed", "partially_returned", "rolled_back")
acts = st.sampled_from(ACTS)
orders, codes = st.sampled_from(ORDERS), st.sampled_from(CODES)
asks = st.sampled_from(["reserve", "redeem"])
troubles = st.sampled_from(TROUBLES)
details = st.fixed_dictionaries(
    {
        "minutes": st.sampled_from([1, 9, 11, 45]),
        "state": st.sampled_from(STATES),
        "which": st.integers(0, 30),
    }
)


def _said(act: str, drawn: dict[str, Any]) -> dict[str, Any]:
    if act == "pass":
        return {"minutes": drawn["minutes"]}
    if act in ("till", "till_told"):
        part = 50 if drawn["state"] == "partially_returned" else 0
        return {"state": drawn["state"], "returned": part}
    return {"which": drawn["which"]} if act == "deliver" else {}


class Claims(RuleBasedStateMachine):
    """Shop, tills, queue and clock, in any order, each act whole, spoilt, or outrun."""

    @initialize(policy=st.sampled_from(["restore", "keep"]), most=st.sampled_from([1, 2, 4]))
    def open(self, policy: Any, most: int) -> None:
        self.world = World(policy, most)

    @rule(act=acts, order=orders, code=codes, drawn=details)
    def whole(self, act: str, order: str, code: str, drawn: dict[str, Any]) -> None:
        self.world.act(act, order, code, **_said(act, drawn))

    @rule(order=orders, code=codes, state=asks)
    def asked(self, order: str, code: str, state: str) -> None:
        self.world.act(state, order, code)

    @rule(act=acts, order=orders, code=codes, drawn=details, trouble=troubles, at=st.integers(0, 1))
    def spoilt(self, act: str, order: str, code: str, drawn: Any, trouble: Any, at: int) -> None:
        self.world.act(act, order, code, **_said(act, drawn), spoil=Spoil(trouble, at))

    @rule(act=acts, other=acts, order=orders, theirs=orders, code=codes, drawn=details)
    def outrun(
        self, act: str, other: str, order: str, theirs: str, code: str, drawn: dict[str, Any]
    ) -> None:
        first = self.world.intrude(other, theirs, code, **_said(other, drawn))
        self.world.act(act, order, code, **_said(act, drawn), spoil=Spoil(first=first))

    @rule(order=orders, theirs=orders, code=codes, other=codes, state=asks, their_state=asks)
    def asked_at_once(
        self, order: str, theirs: str, code: str, other: str, state: str, their_state: str
    ) -> None:
        first = self.world.intrude(their_state, theirs, other)
        self.world.act(state, order, code, spoil=Spoil(first=first))

    @rule(act=acts, order=orders, code=codes, drawn=details, then=acts)
    def outrun_by_twin(self, act: str, order: str, code: str, drawn: Any, then: str) -> None:
        """Somebody else comes first on the very same order and code."""
        first = self.world.intrude(then, order, code, **_said(then, drawn))
        self.world.act(act, order, code, **_said(act, drawn), spoil=Spoil(first=first))

    @rule(order=orders, code=codes, state=st.sampled_from(STATES), then=st.sampled_from(STATES))
    def overtaken(self, order: str, code: str, state: str, then: str) -> None:
        """The till's next word is told while the one before is being counted."""
        self.world.act("till", order, code, state=state)
        first = self.world.intrude("till_told", order, code, state=then)
        self.world.act("deliver", order, code, which=-1, spoil=Spoil(first=first))

    def teardown(self) -> None:
        if hasattr(self, "world"):
            try:
                self.world.settle()
            finally:
                self.world.close()


def run(examples: int, *phases: Phase) -> None:
    """Runs the machine; raises what it finds, in its shortest form where that is sought."""
    chosen = settings(
        max_examples=examples,
        phases=phases or tuple(Phase),
        report_multiple_bugs=False,
        stateful_step_count=30,
        derandomize=True,
        database=None,
        suppress_health_check=list(HealthCheck),
    )
    run_state_machine_as_test(Claims, settings=chosen)


def test_limits_hold() -> None:
    run(RUNS)


@pytest.mark.parametrize("bug", PLANTED, ids=lambda bug: bug.__name__)
def test_the_machine_finds(bug: Callable[[], Patches]) -> None:
    with planted(bug), pytest.raises(Exception):  # noqa: B017, PT011 (Broken, or what it breaks)
        run(RUNS, Phase.generate)
