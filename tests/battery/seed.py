"""A seed, spelled out: every option of a schedule, drawn once and printable."""

import random
from dataclasses import dataclass

from .faults import Plan
from .model import Stage, Story

_CODES = ("SAVE5", "save-5", "Ten Off", "TENOFF", "ÜBER2", "夏祭り", "A" * 120, "🎉", "")
_AMOUNTS = (0, 1, 2, 3, 333, 500, 999, 10**9)


@dataclass(frozen=True)
class Options:
    """What a schedule is made of. Classes of trouble are on or off as a whole (swarm testing)."""

    seed: int
    stories: tuple[Story, ...]
    plan: Plan
    copies: int
    lost: float
    outage: bool
    shards: int
    batch: int
    rewinds: int
    rotation: bool
    poison: int
    refetch: bool

    def text(self) -> str:
        """One line for each option, to print beside a failing seed."""
        shown = {name: value for name, value in vars(self).items() if name != "stories"}
        return f"{shown}\n" + "\n".join(map(str, self.stories))


def options(seed: int) -> Options:
    """The options of a seed. Rare values are forced in a third of the seeds."""
    dice = random.Random(seed)
    rare = dice.random() < 1 / 3
    orders = dice.randint(1, 4 if rare else 12)
    faulty = dice.random() < 0.8
    return Options(
        seed=seed,
        stories=tuple(_story(dice, number, rare=rare) for number in range(orders)),
        plan=Plan(
            rate=dice.choice((0.05, 0.15, 0.3)) if faulty else 0.0,
            most=dice.randint(1, 40) if faulty else 0,
            crashes=dice.random() < 0.7,
        ),
        copies=dice.choice((1, 2, 4)),
        lost=dice.choice((0.0, 0.0, 0.3)),
        outage=dice.random() < 0.1,
        shards=dice.choice((1, 2, 4)),
        batch=dice.choice((1, 3, 10, 100)),
        rewinds=dice.choice((0, 1, 3)),
        rotation=dice.random() < 0.3,
        poison=dice.choice((0, 0, 1, 3)),
        refetch=dice.random() < 0.5,
    )


def _story(dice: random.Random, number: int, *, rare: bool) -> Story:
    stages = []
    minute = 0
    for _ in range(dice.choice((1, 1, 2, 3, 4))):
        minute += dice.choice((1, 60, 60 * 24 * 30 if rare else 5))
        codes = tuple(
            (dice.choice(_CODES if rare else _CODES[:4]), dice.choice(_AMOUNTS))
            for _ in range(dice.choice((0, 1, 1, 2, 4 if rare else 2)))
        )
        state = dice.choice(("open", "confirmed", "confirmed", "confirmed", "reversed"))
        stages.append(Stage(state=state, codes=codes, minute=minute))
    units = dice.randint(0, 4) if stages[-1].state == "confirmed" and dice.random() < 0.4 else 0
    person = dice.choice(("", "ann@example.com", "bob@example.com"))
    return Story(f"order-{number}", tuple(stages), units, person)
