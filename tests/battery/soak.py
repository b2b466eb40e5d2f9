"""The battery for longer: `python -m tests.battery.soak SEEDS [FIRST]`."""

import sys
import time
from concurrent.futures import ProcessPoolExecutor
from os import cpu_count, environ

BLOCK = 50


def _block(start: int) -> list[str]:
    from .seed import options
    from .simulation import Broken, Simulation

    broken = []
    for seed in range(start, start + BLOCK):
        try:
            Simulation(options(seed)).run()
        except Broken as reason:
            broken.append(f"seed {seed}: {reason}\n{options(seed).text()}")
    return broken


def main() -> int:
    """Runs the seeds on every core; 1 when a promise broke."""
    seeds, first = int(sys.argv[1]), int(sys.argv[2]) if len(sys.argv) > 2 else 0
    began = time.monotonic()
    blocks = range(first, first + seeds, BLOCK)
    broken: list[str] = []
    with ProcessPoolExecutor(cpu_count()) as workers:
        for done, found in enumerate(workers.map(_block, blocks), 1):
            broken += found
            rate = done * BLOCK / (time.monotonic() - began)
            sys.stderr.write(f"\r{done * BLOCK:,} of {seeds:,} seeds, {rate:.0f} a second")
    sys.stderr.write("\n")
    sys.stdout.write("\n".join([*broken, f"{len(broken)} of {seeds} seeds broke a promise", ""]))
    return bool(broken)


if __name__ == "__main__":
    sys.path[:0] = [".", "layers/vouchsafe"]
    from tests import cloud

    environ.update(AWS_ACCESS_KEY_ID="t", AWS_SECRET_ACCESS_KEY="t", AWS_DEFAULT_REGION="eu-west-1")
    cloud.set_environment()
    sys.exit(main())
