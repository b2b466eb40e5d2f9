"""Is nothing lost and nothing counted twice, whatever a seed draws?"""

import os

import pytest

from .seed import options
from .simulation import Broken, Simulation

# A push runs these in parallel blocks; `make soak SEEDS=...` runs as many as are wanted.
SEEDS = int(os.environ.get("BATTERY_SEEDS", "2400"))
BLOCK = 200


@pytest.mark.parametrize("start", range(0, SEEDS, BLOCK))
def test_never_lost_never_twice(start: int) -> None:
    for seed in range(start, start + BLOCK):
        try:
            Simulation(options(seed)).run()
        except Broken as broken:
            pytest.fail(f"seed {seed}: {broken}\n{options(seed).text()}")


def test_a_seed_reproduces_everything() -> None:
    for seed in range(20):
        first, again = (Simulation(options(seed)).run() for _ in range(2))

        assert first == again


def test_the_faults_strike() -> None:
    faults = sum(Simulation(options(seed)).run().faults for seed in range(40))

    assert faults > 100
