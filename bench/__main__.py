"""What the product costs: `python -m bench`, or single figures: `python -m bench door cold`.

`--smoke` takes seconds, proves that every figure can be measured, and keeps nothing.
"""

import argparse
import os
import sys
from collections.abc import Sequence
from functools import partial
from importlib import import_module

FIGURES = (
    "cold",
    "door",
    "streams",
    "desk",
    "codes",
    "units",
    "export",
    "cost",
    "log",
    "seeds",
    "latency",
    "leaks",
)
SMOKE = 0.01


def main(arguments: Sequence[str]) -> int:
    asked = _asked(arguments)
    _set_environment()
    from bench import paper
    from bench.figure import Effort, Section
    from bench.rounds import quiet
    from console.progress import Bar

    sections: dict[str, Section] = {}
    share = SMOKE if asked.smoke else asked.effort
    for name in asked.figures or FIGURES:
        with Bar() as bar, quiet():
            effort = Effort(share, partial(bar.tell, name))
            sections[name] = import_module(f"bench.{name}").section(effort)
        paper.show(sections[name])
        if not asked.smoke:
            paper.keep(sections, FIGURES)
    missed = len(paper.missed(sections))
    print(f"{sum(len(one.figures) for one in sections.values())} figures, {missed} missed")
    return 0


def _asked(arguments: Sequence[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    parser.add_argument("figures", nargs="*", choices=[*FIGURES, []], metavar="FIGURE",
                        help=", ".join(FIGURES))  # fmt: skip
    parser.add_argument("--smoke", action="store_true", help="seconds, and nothing is kept")
    parser.add_argument("--effort", type=float, default=1.0, help="a part of the rounds")
    return parser.parse_args(arguments)


def _set_environment() -> None:
    """Everything is named, nothing is real, before any module of the product is imported."""
    from tests import cloud

    os.environ.update(
        AWS_ACCESS_KEY_ID="bench",
        AWS_SECRET_ACCESS_KEY="bench",
        AWS_DEFAULT_REGION="eu-west-1",
        AWS_EC2_METADATA_DISABLED="true",
    )
    cloud.set_environment()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
