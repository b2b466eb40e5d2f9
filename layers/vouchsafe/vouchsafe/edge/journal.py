"""What a function says of its work: one line for an invocation, which carries its metrics too."""

from collections.abc import Iterator
from contextlib import contextmanager

from aws_lambda_powertools import Logger
from aws_lambda_powertools.metrics import EphemeralMetrics, MetricUnit

NAMESPACE = "Vouchsafe"
_log = Logger(service="vouchsafe", use_rfc3339=True)


class Line:
    """The line that is being written: facts as fields, counts as metrics."""

    def __init__(self, message: str, dimensions: dict[str, str]) -> None:
        self._metrics = EphemeralMetrics(namespace=NAMESPACE, service="vouchsafe")
        self._metrics.add_metadata("message", message)
        for name, value in dimensions.items():
            self._metrics.add_dimension(name, value)
        self._counts: dict[str, float] = {}

    def note(self, **fields: object) -> None:
        """Adds facts to the line. Never bodies, keys, signatures or customer data."""
        for name, value in fields.items():
            self._metrics.add_metadata(name, value)

    def count(self, metric: str, amount: float = 1) -> None:
        """Adds to a count, which becomes a CloudWatch metric."""
        self._counts[metric] = self._counts.get(metric, 0) + amount

    def close(self) -> None:
        """Prints the line."""
        for metric, amount in self._counts.items():
            self._metrics.add_metric(name=metric, unit=MetricUnit.Count, value=amount)
        self._metrics.flush_metrics()


@contextmanager
def line(message: str, **dimensions: str) -> Iterator[Line]:
    """One line for one invocation, printed whatever happens inside."""
    written = Line(message, dimensions)
    written.count("invocations")
    try:
        yield written
    finally:
        written.close()


def say(message: str, **fields: object) -> None:
    """Something that is to be found again, and belongs to no invocation's line."""
    _log.info(message, extra=fields)


def warn(message: str, **fields: object) -> None:
    """Something was refused or put aside."""
    _log.warning(message, extra=fields)


def error(message: str, **fields: object) -> None:
    """Something that a person must do."""
    _log.error(message, extra=fields)
