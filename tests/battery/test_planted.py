"""Does the battery find every planted bug, within far fewer seeds than a push runs?"""

from collections.abc import Callable

import pytest

from .planted import PLANTED, Patches, planted
from .seed import options
from .simulation import Broken, Simulation

MOST_SEEDS = 120


@pytest.mark.parametrize("bug", PLANTED, ids=lambda bug: bug.__name__)
def test_the_battery_finds(bug: Callable[[], Patches]) -> None:
    for seed in range(MOST_SEEDS):
        with planted(bug):
            try:
                Simulation(options(seed)).run()
            except Broken:
                return
    pytest.fail(f"{bug.__name__} was not found in {MOST_SEEDS} seeds")
