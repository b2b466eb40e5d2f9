"""Who may do what: one writer for each table and bucket, nothing wider than its use."""

from collections import defaultdict

import pytest

from tests.cloud import resources, template
from tests.house.stack import functions, mappings, module_of, rights, source_of, text

WRITES = {"PutItem", "UpdateItem", "DeleteItem", "BatchWriteItem", "PutObject", "DeleteObject"}
# Data falls to the right: who writes is on the left. A shelf with `*` holds many rooms of one kind.
WRITERS = {
    "Facts": "functions.sources",
    "Orders": "functions.streams.projection",
    "Redemptions": "functions.streams.projection",
    "Credits": "functions.streams.attribution",
    "Insight": "functions.streams.attribution",
    "Alarms": "functions.streams.alarms",
    "Deliveries": "functions.destinations",
    "Channels": "functions.destinations.channels",
    "Cursors": "functions.sources",
    "Turns": "functions.sources",
    "Touchpoints": "functions.sources",
    "Sightings": "functions.sources",
    "Books": "functions.schedules.reconcile",
    "Fidelity": "functions.schedules.fidelity",
    # Claims by the desk; guesses and answers of every room that shops call.
    "Uses": "functions.api",
    "Stock": "functions.api.validations",
    # By shops, and by hand: each over what it has read.
    "Values": "functions.api",
    # By what customers do at the desk, and by hand: two rooms of one shelf, over one version.
    "Standings": "functions.api",
    "Proposals": "functions.api.register",
    "Audit": "functions.api",  # by one module, edge/audit_table, in whichever room people act
    "Census": "functions.api.census",
    "Keys": "functions.api.register",
    "Segments": "functions.api.register",
    "Drift": "functions.streams.drift",
    "Oversize": "functions.sources",
    "Statements": "functions.sources",
    "Reports": "functions.schedules.export",
}
# What a load writes, by one road: a person's command, or what carries approved proposals out
# (decision 0009).
BY_LOADS = {"Register", "Touchpoints"}
LOADS = "functions.api.register.apply"
# What people give out is a contact of whom it goes to (decision 0013).
BY_PEOPLE = {"Touchpoints"}
PUBLISHES = "functions.api.register.handler"
# A person who is to be forgotten leaves every list.
BY_ERASURES = {"Segments", "Touchpoints"}
FORGETS = "functions.sources.shopify.forget"
# Alarms are the stream's; that a person has taken one on is written by the control room, over the
# version that it has read (decision 0013).
TAKEN_ON = {"Alarms"}
TAKES_ON = "functions.api.register.handler"
# Whoever calls a vendor takes a turn, and opens the secret of the account that is called.
SWITCHES = "functions.destinations.channels.deliver"
SWITCHED = {"shopify/*", "square/*", "woocommerce/*"}
DOORS = sorted(name for name in functions() if name.endswith("Webhook"))


def _writers() -> dict[str, set[str]]:
    found: dict[str, set[str]] = defaultdict(set)
    for name in functions():
        for right in rights(name):
            if right.action.split(":")[1] in WRITES:
                found[right.target].add(module_of(name))
    return found


def test_every_table_and_bucket_has_exactly_one_writer() -> None:
    stores = {*resources("AWS::DynamoDB::Table"), *resources("AWS::S3::Bucket")}
    writers = _writers()

    assert stores == {*WRITERS, *BY_LOADS, "Parked"}
    assert writers["Register"] == {LOADS}
    for store, writer in WRITERS.items():
        others = {LOADS} if store in BY_LOADS else set()
        others |= {FORGETS} if store in BY_ERASURES else set()
        others |= {TAKES_ON} if store in TAKEN_ON else set()
        others |= {PUBLISHES} if store in BY_PEOPLE else set()
        others |= {SWITCHES} if store == "Turns" else set()
        assert writers[store] - others
        assert all(module.startswith(f"{writer}.") for module in writers[store] - others)


def test_only_sweeps_move_cursors_and_only_statements_write_statements() -> None:
    writers = _writers()

    assert {module.rsplit(".", 1)[1] for module in writers["Cursors"]} == {"sweep"}
    assert {module.rsplit(".", 1)[1] for module in writers["Statements"]} == {"statement"}


def test_each_writer_of_the_car_park_has_places_of_its_own() -> None:
    for name in functions():
        _, shelf, room, _ = module_of(name).split(".")
        for right in rights(name):
            if right.action == "s3:PutObject" and right.target == "Parked":
                place = right.resource.removeprefix("${Parked.Arn}/")
                own = {
                    "sources": (
                        f"unreadable/{room}/",
                        f"unavailable/{room}/",
                        f"unheard_of/{room}/",
                        "record/fetch-",
                    ),
                    "streams": (f"record/{room}/",),
                    "destinations": (f"record/{room}/",),
                }

                assert place.startswith(own[shelf])


@pytest.mark.parametrize("function", sorted(functions()))
def test_no_right_is_a_wildcard(function: str) -> None:
    for right in rights(function):
        assert "*" not in right.action
        assert right.resource.split(":")[-1] not in ("*", "")
        assert not right.resource.startswith("*")


@pytest.mark.parametrize("function", DOORS)
def test_a_door_can_only_add(function: str) -> None:
    actions = {right.action for right in rights(function)}
    # Contacts come by the thousand, and a contact's place is what it says.
    if function in ("SalesforceWebhook", "TouchpointsWebhook"):
        actions -= {"dynamodb:BatchGetItem", "dynamodb:BatchWriteItem"}

    assert actions <= {
        "dynamodb:PutItem",
        "s3:PutObject",
        "secretsmanager:GetSecretValue",
        "sqs:SendMessage",
    }


def test_a_room_opens_no_other_rooms_secrets() -> None:
    for name in functions():
        room = module_of(name).split(".")[2]
        for right in rights(name):
            if right.action.startswith("secretsmanager:"):
                last = right.resource.partition("${AWS::StackName}/")[2]

                session = f"session/{room}/*"

                assert last in (f"{room}/*", "identity-*", session) or (
                    module_of(name) == SWITCHES and last in SWITCHED
                )
                assert right.action == "secretsmanager:GetSecretValue" or last == session


def test_who_reads_a_queue_or_a_stream_may_read_that_one_only() -> None:
    for name in functions():
        read = {".".join(source_of(mapping)) for mapping in mappings(name)}
        may = {
            right.resource
            for right in rights(name)
            if right.action in ("sqs:ReceiveMessage", "dynamodb:GetRecords")
        }

        assert may == read


def test_only_the_export_may_touch_what_finance_reads() -> None:
    readers = {name for name in functions() for right in rights(name) if right.target == "Reports"}

    assert readers == {"ExportSchedule", "ReportsApi"}


def test_what_a_function_is_told_of_it_may_use_and_the_other_way_round() -> None:
    stores = {*resources("AWS::DynamoDB::Table"), *resources("AWS::S3::Bucket")}
    for name, function in functions().items():
        told = {
            text(value)
            for value in function["Environment"]["Variables"].values()
            if isinstance(value, dict) and "Ref" in value
        }
        told -= set(template()["Parameters"])
        # Sums move with credits only: the module of credits brings that of the sums along.
        along = {"Insight"} if "Credits" in told else set()
        used = {right.target for right in rights(name)}
        # A stream's reader has what Lambda brings, and no right to the table that it comes from.
        brought = {source_of(mapping)[0] for mapping in mappings(name)}

        assert told <= used | along | brought
        assert used & stores <= told | brought


def test_no_bucket_is_public_and_each_demands_tls() -> None:
    policies = resources("AWS::S3::BucketPolicy")
    for name, bucket in resources("AWS::S3::Bucket").items():
        assert set(bucket["PublicAccessBlockConfiguration"].values()) == {True}
        denial = policies[f"{name}OverTls"]["PolicyDocument"]["Statement"][0]
        assert denial["Effect"] == "Deny"
        assert denial["Condition"] == {"Bool": {"aws:SecureTransport": "false"}}
        assert template()["Resources"][f"{name}OverTls"]["Condition"] == "OnAws"
