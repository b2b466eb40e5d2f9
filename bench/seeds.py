"""The battery: whole seeded schedules through the real roads, a second and core."""

import time

from bench.figure import Effort, Section, at_least, plain
from tests.battery.seed import options
from tests.battery.simulation import Simulation

_SEEDS = 300
# G12.
_TARGET = 500


def section(effort: Effort) -> Section:
    seeds = effort.of(_SEEDS, 3)
    steps = calls = 0
    began = time.process_time()
    for seed in range(seeds):
        effort.tell(seed, seeds)
        result = Simulation(options(seed)).run()
        steps, calls = steps + result.steps, calls + result.calls
    took = time.process_time() - began
    return Section(
        title="Seeds of the battery",
        floor="one core, the real flow and edge code, PynamoDB's own work included",
        figures=(
            at_least("seeds a second", seeds / took, _TARGET, detail=f"{seeds} seeds"),
            plain("steps a seed", steps / seeds, digits=0),
            plain("calls of AWS a seed", calls / seeds, digits=0),
        ),
    )
