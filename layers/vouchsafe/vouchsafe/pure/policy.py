"""The claims policy as data: which signs of one customer, device or card lead to which step.

A breach goes one step further than what is remembered, and never more: flag, block the codes that
it was about, exclude from all promotions. Each is for a time.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta
from typing import Literal, get_args

from vouchsafe.pure.errors import Invalid

Signal = Literal["claims", "limit_refusals", "rollbacks", "guesses"]
By = Literal["customer", "device", "card"]
Step = Literal["flag", "block_code", "exclude"]

SIGNALS: tuple[Signal, ...] = get_args(Signal)
BYS: tuple[By, ...] = get_args(By)
# From the mildest to the harshest.
STEPS: tuple[Step, ...] = get_args(Step)

MOST_RULES = 40
# What one standing keeps of signs must fit into its item many times over.
MOST_SIGNS = 50
MOST_DAYS = 366


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """More than `most` signs of one customer, device or card within `days` days are a breach; it
    leads to no step beyond `up_to`."""

    signal: Signal
    by: By
    most: int
    days: int
    up_to: Step


# Cards and mail addresses are one household's, devices may be a whole shop's.
_SENSIBLE = (
    Rule(signal="claims", by="customer", most=10, days=7, up_to="exclude"),
    Rule(signal="claims", by="card", most=10, days=7, up_to="exclude"),
    Rule(signal="claims", by="device", most=20, days=7, up_to="flag"),
    Rule(signal="limit_refusals", by="customer", most=5, days=7, up_to="block_code"),
    Rule(signal="rollbacks", by="customer", most=3, days=30, up_to="exclude"),
    Rule(signal="guesses", by="customer", most=20, days=1, up_to="exclude"),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Policy:
    """Rules, how many days each step lasts, and for how many a breach is remembered. `version`
    counts the changes of the setting."""

    rules: tuple[Rule, ...] = _SENSIBLE
    flag_days: int = 30
    block_code_days: int = 30
    exclude_days: int = 90
    memory_days: int = 180
    version: int = 0

    def days_of(self, step: Step) -> int:
        """How many days a step lasts."""
        days = (self.flag_days, self.block_code_days, self.exclude_days)
        return days[STEPS.index(step)]

    def memory(self) -> timedelta:
        """For how long a breach is remembered."""
        return timedelta(days=self.memory_days)

    def rules_for(self, by: By, signal: Signal) -> tuple[Rule, ...]:
        """The rules that such a sign may break."""
        return tuple(each for each in self.rules if (each.by, each.signal) == (by, signal))


def check(policy: Policy) -> None:
    """Raises Invalid for a policy that could not be enforced, or contradicts itself."""
    if len(policy.rules) > MOST_RULES:
        raise Invalid("rules", f"must be at most {MOST_RULES}")
    for at, rule in enumerate(policy.rules):
        _check(f"rules[{at}]", rule)
        if (rule.signal, rule.by, rule.days) in _names(policy.rules[:at]):
            raise Invalid(f"rules[{at}]", "says the same signal, by and days as another")
    for step in STEPS:
        _between(f"{step}_days", policy.days_of(step), MOST_DAYS)
    _between("memory_days", policy.memory_days, 10 * MOST_DAYS)
    longest = max((rule.days for rule in policy.rules), default=1)
    if policy.memory_days < longest:
        raise Invalid("memory_days", f"must not be below {longest}, the days of a rule")


def _check(field: str, rule: Rule) -> None:
    _between(f"{field}.most", rule.most, MOST_SIGNS)
    _between(f"{field}.days", rule.days, MOST_DAYS)
    if (rule.signal, rule.by) == ("rollbacks", "device"):
        raise Invalid(f"{field}.by", "must not be device: who rolls back names no device")


def _between(field: str, number: int, most: int) -> None:
    if not 1 <= number <= most:
        raise Invalid(field, f"must be from 1 to {most}")


def _names(rules: Iterable[Rule]) -> set[tuple[Signal, By, int]]:
    return {(each.signal, each.by, each.days) for each in rules}
