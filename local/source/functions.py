"""The Lambdas of a source room as template.yaml has them: environment and rights, no wider."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from local.source.rooms import SourceRoom, camel

PIECES = Path(__file__).parent / "pieces"
_KEPT_IN = (
    "arn:${AWS::Partition}:secretsmanager:${AWS::Region}:${AWS::AccountId}:secret:${AWS::StackName}"
)
_READS_A_QUEUE = (
    "sqs:ReceiveMessage",
    "sqs:DeleteMessage",
    "sqs:GetQueueAttributes",
    "sqs:GetQueueUrl",
    "sqs:ChangeMessageVisibility",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Road:
    """What a road's Lambda is like on every platform. Times in seconds."""

    description: str
    timeout: int
    tries: int = 5
    batch: int = 1
    concurrency: int = 2


ROADS = {
    "webhook": Road(description="The door for {}'s deliveries.", timeout=20),
    "hear": Road(description="Takes what our API heard of {}'s orders.", timeout=60, batch=10),
    "fetch": Road(
        description="Gets what {}'s deliveries only name.",
        timeout=60,
        tries=20,
        batch=10,
        concurrency=4,
    ),
    # A vendor who lets us call once a second takes minutes for a few pages.
    "sweep": Road(description="Finds what {}'s deliveries missed.", timeout=300),
    "statement": Road(description="Fetches {}'s own list of a business day.", timeout=900),
    "replay": Road(description="Drives {}'s parked deliveries again.", timeout=60, tries=50),
    "forget": Road(description="Takes people out of all that is kept.", timeout=60),
}
# Which roads are told of which tables and buckets.
_TABLES = {
    "Segments": ("forget",),
    "Facts": ("webhook", "hear", "fetch", "sweep", "replay", "forget"),
    "Touchpoints": ("webhook", "fetch", "sweep", "replay"),
    "Sightings": ("sweep", "replay"),
    "Turns": ("fetch", "sweep", "statement"),
    "Cursors": ("sweep",),
    "Register": ("sweep", "statement"),
}
_BUCKETS = {
    "webhook": ("Oversize", "Parked"),
    "hear": ("Oversize", "Parked"),
    "fetch": ("Oversize", "Parked"),
    "sweep": ("Oversize", "Parked"),
    "replay": ("Oversize", "Parked"),
    "statement": ("Statements",),
}
# Whoever asks, a person is taken out of everything (docs/forgetting.md).
_OF_FORGETTING = {
    "TOUCHPOINTS_TABLE": "!Ref Touchpoints",
    "ORDERS_TABLE": "!Ref Orders",
    "EXPORT_QUEUE_URL": "!Ref ExportQueue",
    "USES_QUEUE_URL": "!Ref UsesQueue",
}
_LIMITS_OF_A_DOOR = {
    "SDK_CONNECT_TIMEOUT_S": '!If [OnAws, "0.3", "2"]',
    "SDK_READ_TIMEOUT_S": '!If [OnAws, "0.8", "8"]',
    "SDK_ATTEMPTS": '!If [OnAws, "2", "3"]',
}


def piece(which: str, /, **words: object) -> str:
    """A piece of the template with its words put in."""
    text = (PIECES / f"{which}.yaml").read_text()
    for word, value in words.items():
        text = text.replace(f"@{word}@", str(value))
    return text


def lambdas(room: SourceRoom) -> Iterator[str]:
    """Each Lambda of the room, with its queue or its route."""
    for road in room.roads:
        kind, words = ROADS[road], _words(room, road)
        if road != "webhook":
            visibility = 6 * kind.timeout
            yield piece("queue", **words, visibility=visibility, tries=kind.tries)
        yield _function(room, road)
        if road == "webhook":
            yield piece("route", **words, path=room.path)
        else:
            yield piece("mapping", **words, batch=kind.batch, concurrency=kind.concurrency)


def _words(room: SourceRoom, road: str) -> dict[str, str]:
    return {
        "platform": room.platform,
        "Platform": room.camel,
        "road": road,
        "Road": camel(road),
        "timeout": str(ROADS[road].timeout),
        "description": ROADS[road].description.format(room.platform),
    }


def _function(room: SourceRoom, road: str) -> str:
    text = piece("function", **_words(room, road))
    if road == "webhook":
        kept = '!If [ReserveDoors, !Ref DoorConcurrency, !Ref "AWS::NoValue"]'
        text = text.replace(
            "      LoggingConfig",
            f"      ReservedConcurrentExecutions: {kept}\n      LoggingConfig",
        )
    variables = (f"          {name}: {value}" for name, value in _environment(room, road).items())
    statements = ("            - " + "\n              ".join(each) for each in _rights(room, road))
    policy = ["      Policies:", '        - Version: "2012-10-17"', "          Statement:"]
    return text + "\n".join([*variables, *policy, *statements]) + "\n"


def _environment(room: SourceRoom, road: str) -> dict[str, str]:
    besides = {"Touchpoints": room.touched, "Sightings": room.sighted}
    tables = [name for name, roads in _TABLES.items() if road in roads and besides.get(name, True)]
    told = {f"{name.upper()}_TABLE": f"!Ref {name}" for name in tables}
    told |= {f"{name.upper()}_BUCKET": f"!Ref {name}" for name in _BUCKETS.get(road, ())}
    if road == "sweep":
        told["HAPPENINGS_TOPIC_ARN"] = "!Ref Happenings"
    if road == "forget":
        told |= _OF_FORGETTING
    for queue in _sent(room, road):
        told[f"{queue.upper()}_QUEUE_URL"] = f"!Ref {room.camel}{camel(queue)}Queue"
    return told | (_LIMITS_OF_A_DOOR if road == "webhook" else {})


def _sent(room: SourceRoom, road: str) -> list[str]:
    """The queues that a road fills: its own with what is left to do, others with what was heard."""
    if road in ("sweep", "statement", "forget"):
        return [road]
    if road in ("webhook", "replay") and "webhook" in room.roads:
        return [queue for queue in ("fetch", "forget") if queue in room.roads]
    return []


def _rights(room: SourceRoom, road: str) -> Iterator[list[str]]:
    yield from _of_tables(room, road)
    yield from _of_buckets(room, road)
    if road != "forget":
        yield from _of_secrets(room, road)
    if road != "webhook":
        own = f"!GetAtt {room.camel}{camel(road)}Queue.Arn"
        # A forgetting is not put off: the queue's own time is short enough.
        reads = _READS_A_QUEUE[:-2] if road == "forget" else _READS_A_QUEUE
        yield ["Effect: Allow", f"Action: [{', '.join(reads)}]", f"Resource: {own}"]
    if road == "sweep":
        yield _may("sns:Publish", "!Ref Happenings")
    if road == "forget":
        yield _may("sqs:SendMessage", "!GetAtt ExportQueue.Arn")
        yield _may("sqs:SendMessage", "!GetAtt UsesQueue.Arn")
    for queue in _sent(room, road):
        yield _may("sqs:SendMessage", f"!GetAtt {room.camel}{camel(queue)}Queue.Arn")


def _of_tables(room: SourceRoom, road: str) -> Iterator[list[str]]:
    if road == "forget":
        yield _may("[dynamodb:Query, dynamodb:Scan, dynamodb:UpdateItem]", "!GetAtt Facts.Arn")
        yield _may("dynamodb:GetItem", "!GetAtt Orders.Arn")
        yield from _of_lists()
        return
    if road != "statement":
        compares = room.compares and road in ("sweep", "replay")
        facts = "[dynamodb:PutItem, dynamodb:Query]" if compares else "dynamodb:PutItem"
        yield _may(facts, "!GetAtt Facts.Arn")
        for name, is_kept in (("Touchpoints", room.touched), ("Sightings", room.sighted)):
            if is_kept and road in _TABLES[name]:
                kept = "[dynamodb:BatchGetItem, dynamodb:BatchWriteItem]"
                yield _may(kept, f"!GetAtt {name}.Arn")
    if road in ("fetch", "sweep", "statement"):
        yield _may("dynamodb:UpdateItem", "!GetAtt Turns.Arn")
    if road == "sweep":
        yield _may("[dynamodb:GetItem, dynamodb:PutItem, dynamodb:Query]", "!GetAtt Cursors.Arn")
        yield _may("[dynamodb:GetItem, dynamodb:Query]", "!GetAtt Register.Arn")
    if road == "statement":
        read = "[dynamodb:GetItem, dynamodb:BatchGetItem, dynamodb:Query]"
        yield _may(read, "!GetAtt Register.Arn")


def _of_lists() -> Iterator[list[str]]:
    """Who is forgotten is on no list any more, was given nothing, and was seen nowhere."""
    written = ["dynamodb:BatchGetItem", "dynamodb:DeleteItem", "dynamodb:PutItem"]
    segments = ", ".join([*written, "dynamodb:UpdateItem"])
    yield ["Effect: Allow", f"Action: [{segments}]", "Resource: !GetAtt Segments.Arn"]
    yield _may("dynamodb:Query", '!Sub "${Segments.Arn}/index/by_member"')
    touchpoints = ", ".join([*written, "dynamodb:BatchWriteItem", "dynamodb:Query"])
    yield ["Effect: Allow", f"Action: [{touchpoints}]", "Resource: !GetAtt Touchpoints.Arn"]


def _of_buckets(room: SourceRoom, road: str) -> Iterator[list[str]]:
    unreadable, unavailable, unheard_of = (
        f'!Sub "${{Parked.Arn}}/{why}/{room.platform}/*"'
        for why in ("unreadable", "unavailable", "unheard_of")
    )
    oversize = f'!Sub "${{Oversize.Arn}}/{room.platform}#*"'
    written = {
        "webhook": [oversize, unreadable, unavailable, unheard_of],
        "hear": [oversize, unreadable],
        "fetch": [oversize, unreadable, '!Sub "${Parked.Arn}/record/fetch-*"'],
        "sweep": [oversize, unreadable],
        "statement": ['!Sub "${Statements.Arn}/*"'],
        "replay": [oversize, unreadable, *([unheard_of] if "webhook" in room.roads else [])],
    }
    if road in written:
        yield _may_all("s3:PutObject", written[road])
    if road == "replay":
        yield _may_all("[s3:GetObject, s3:DeleteObject]", [unreadable, unavailable])
        yield _may("s3:ListBucket", "!GetAtt Parked.Arn")


def _of_secrets(room: SourceRoom, road: str) -> Iterator[list[str]]:
    if room.is_ours:
        yield _may("secretsmanager:GetSecretValue", f'!Sub "{_KEPT_IN}/identity-*"')
        return
    session = f'!Sub "{_KEPT_IN}/session/{room.platform}/*"'
    opened = [f'!Sub "{_KEPT_IN}/{room.platform}/*"', f'!Sub "{_KEPT_IN}/identity-*"']
    if room.signs_in and road in ("fetch", "sweep", "statement"):
        yield _may_all("secretsmanager:GetSecretValue", [*opened, session])
        yield _may("[secretsmanager:PutSecretValue, secretsmanager:CreateSecret]", session)
    else:
        yield _may_all("secretsmanager:GetSecretValue", opened)


def _may(action: str, resource: str) -> list[str]:
    return [f"{{Effect: Allow, Action: {action}, Resource: {resource}}}"]


def _may_all(action: str, resources: list[str]) -> list[str]:
    if len(resources) == 1:
        return _may(action, resources[0])
    return [
        "Effect: Allow",
        f"Action: {action}",
        "Resource:",
        *(f"  - {each}" for each in resources),
    ]
