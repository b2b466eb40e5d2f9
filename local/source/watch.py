"""The alarms over all platforms: one for each kind of trouble, so that a room costs none."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from local.source.functions import piece
from local.source.rooms import SourceRoom

# CloudWatch's own limit for the metrics that one alarm computes with.
_MOST = 10


@dataclass(frozen=True, slots=True, kw_only=True)
class Trouble:
    """`metric` is where one room's number is found, `worst` how those of all make one."""

    name: str
    description: str
    metric: Callable[[SourceRoom], str]
    concerns: Callable[[SourceRoom], bool]
    period: int = 300
    statistic: str = "Sum"
    worst: str = "SUM(METRICS())"
    threshold: int = 0
    comparison: str = "GreaterThanThreshold"
    missing: str = "notBreaching"


def alarms(rooms: list[SourceRoom]) -> Iterator[str]:
    """Each kind of trouble, for as many rooms at once as CloudWatch takes."""
    for trouble in TROUBLES:
        concerned = [room for room in rooms if trouble.concerns(room)]
        for at in range(0, len(concerned), _MOST):
            yield _alarm(trouble, at // _MOST + 1, concerned[at : at + _MOST])


def _alarm(trouble: Trouble, at: int, some: list[SourceRoom]) -> str:
    ids = [f"m{number}" for number in range(1, len(some) + 1)]
    text = piece(
        "alarm",
        name=f"Sources{trouble.name}{at}",
        description=trouble.description,
        missing=trouble.missing,
        threshold=trouble.threshold,
        comparison=trouble.comparison,
        expression=trouble.worst.format(", ".join(f"FILL({each}, 0)" for each in ids)),
    )
    for each, room in zip(ids, some, strict=True):
        stat = (
            f"{{Metric: {trouble.metric(room)}, "
            f"Period: {trouble.period}, Stat: {trouble.statistic}}}"
        )
        text += f"        - {{Id: {each}, ReturnData: false, MetricStat: {stat}}}\n"
    return text


def _metric(namespace: str, name: str, **dimensions: str) -> Callable[[SourceRoom], str]:
    """Of a room; what a dimension says may hold `{room.platform}` or `{room.camel}`."""

    def metric(room: SourceRoom) -> str:
        found = ", ".join(
            f"{{Name: {each}, Value: {said.format(room=room)}}}"
            for each, said in dimensions.items()
        )
        return f"{{Namespace: {namespace}, MetricName: {name}, Dimensions: [{found}]}}"

    return metric


def _ours(name: str) -> Callable[[SourceRoom], str]:
    return _metric("Vouchsafe", name, platform="{room.platform}", service="vouchsafe")


def _of_lambda(name: str, road: str) -> Callable[[SourceRoom], str]:
    return _metric("AWS/Lambda", name, FunctionName=f"!Ref {{room.camel}}{road}")


def _of_queue(name: str, queue: str) -> Callable[[SourceRoom], str]:
    return _metric("AWS/SQS", name, QueueName=f"!GetAtt {{room.camel}}{queue}.QueueName")


def _has(road: str) -> Callable[[SourceRoom], bool]:
    return lambda room: road in room.roads


def _all(_: SourceRoom) -> bool:
    return True


TROUBLES = (
    Trouble(
        name="DeadLetters",
        description="Work of a platform was given up. docs/runbooks/dead_letters.md",
        metric=_of_queue("ApproximateNumberOfMessagesVisible", "DeadLetters"),
        concerns=_all,
        statistic="Maximum",
    ),
    Trouble(
        name="DoorErrors",
        description="A door broke down or was throttled; the sender was answered 5xx. "
        "docs/runbooks/door_errors.md",
        metric=_of_lambda("Errors", "Webhook"),
        concerns=_has("webhook"),
    ),
    Trouble(
        name="Lost",
        description="Deliveries were answered 503; the sender must repeat them, or a sweep find "
        "them. docs/runbooks/door_errors.md",
        metric=_ours("lost_to_the_sender"),
        concerns=_has("webhook"),
    ),
    Trouble(
        name="Forged",
        description="Many deliveries to a platform's door are not proven genuine: a wrong key of "
        "ours, or a stranger. docs/runbooks/forged.md",
        metric=_ours("forged"),
        concerns=_has("webhook"),
        worst="MAX(METRICS())",
        threshold=20,
    ),
    Trouble(
        name="Unavailable",
        description="Deliveries could not be written and are parked; they are driven again by "
        "themselves. docs/runbooks/unavailable.md",
        metric=_ours("parked_unavailable"),
        concerns=_has("webhook"),
    ),
    Trouble(
        name="Unreadable",
        description="Deliveries could not be read and are parked; they wait for a mended reader. "
        "docs/runbooks/unreadable.md",
        metric=_ours("parked_unreadable"),
        concerns=_all,
    ),
    Trouble(
        name="Poison",
        description="A message for a platform made no sense and is parked. docs/runbooks/poison.md",
        metric=_ours("poison"),
        concerns=_has("fetch"),
    ),
    Trouble(
        name="FetchLate",
        description="What a platform named waits more than fifteen minutes to be fetched. "
        "docs/runbooks/fetch_late.md",
        metric=_of_queue("ApproximateAgeOfOldestMessage", "FetchQueue"),
        concerns=_has("fetch"),
        statistic="Maximum",
        worst="MAX(METRICS())",
        threshold=900,
    ),
    Trouble(
        name="SweepSilent",
        description="No sweep of a platform ran for an hour; missed deliveries stay missed. "
        "docs/runbooks/sweep_silent.md",
        metric=_of_lambda("Invocations", "Sweep"),
        concerns=_has("sweep"),
        period=3600,
        worst="MIN([{0}])",
        threshold=1,
        comparison="LessThanThreshold",
        missing="breaching",
    ),
)
