"""Times of CPU, in rounds that take turns, so that a busy machine hits all alike."""

import gc
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, redirect_stdout
from os import devnull
from pathlib import Path

Work = Callable[[], object]

# Loggers keep what they were made with: it is never closed.
_NOWHERE = Path(devnull).open("w")  # noqa: SIM115
_ROUND_S = 0.02
_WARM_UP = 30


def best(works: Mapping[str, Work], rounds: int) -> dict[str, float]:
    """CPU seconds of one call of each, in its best round."""
    with quiet():
        calls = {name: _calls(work) for name, work in works.items()}
        gc.collect()
        found = dict.fromkeys(works, float("inf"))
        for _ in range(rounds):
            for name, work in works.items():
                found[name] = min(found[name], _round(work, calls[name]))
    return found


@contextmanager
def quiet() -> Iterator[None]:
    """What functions print goes nowhere, as it would to a log: through a file."""
    with redirect_stdout(_NOWHERE):
        yield


def _calls(work: Work) -> int:
    """How many calls fill a round, after a warm-up."""
    for _ in range(_WARM_UP):
        work()
    return max(1, round(_ROUND_S / max(_round(work, 5), 1e-9)))


def _round(work: Work, calls: int) -> float:
    began = time.thread_time()
    for _ in range(calls):
        work()
    return (time.thread_time() - began) / calls
