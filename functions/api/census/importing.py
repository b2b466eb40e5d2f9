"""Taking lists in: a part of what a system gave out, each line kept or refused by name."""

from datetime import timedelta

from vouchsafe.edge import census_table
from vouchsafe.edge.census_table import Part
from vouchsafe.flow import census
from vouchsafe.pure import instant
from vouchsafe.pure.asking import Call, Reply
from vouchsafe.pure.census_lists import read
from vouchsafe.pure.errors import Invalid

from .words import ImportAsked, ImportTold, RefusedTold, SystemsTold, SystemTold

# Kept one by one within a call's 20 seconds.
MOST_LINES = 500
_CLOCKS_DIFFER = timedelta(minutes=5)


def take(call: Call) -> Reply:
    """A part of a list. What it has is kept at once; sent again it changes nothing."""
    asked = call.asked(ImportAsked)
    if asked.taken_at is None and (asked.part > 1 or not asked.last):
        raise Invalid("taken_at", "is needed: all parts of a list bear the same instant")
    taken_at = asked.taken_at or call.now
    if taken_at > call.now + _CLOCKS_DIFFER:
        raise Invalid("taken_at", "must not lie ahead: no newer list could follow it")
    found = read(census.source(asked.system, asked.account), asked.content)
    if len(found.listings) + len(found.refused) > MOST_LINES:
        raise Invalid("content", f"must have at most {MOST_LINES} lines: send it in parts")
    part = Part(
        system=asked.system,
        account=asked.account,
        taken_at=taken_at,
        number=asked.part,
        last=asked.last,
        faulty=bool(found.refused),
    )
    complete = census.take(found, part, call.caller.id, call.now)
    told = ImportTold(
        system=asked.system,
        account=asked.account,
        taken_at=taken_at,
        part=asked.part,
        kept=len(found.listings),
        refused=[
            RefusedTold(line=each.line, column=each.column, rule=each.rule)
            for each in found.refused
        ],
        complete=complete,
    )
    return Reply(body=told, status=201)


def systems(_call: Call) -> Reply:
    """Systems by name, and when the newest complete list of each was taken."""
    found = sorted(census_table.systems().items())
    told = [
        SystemTold(system=system, account=account, complete_at=at if at > instant.EPOCH else None)
        for (system, account), at in found
    ]
    return Reply(body=SystemsTold(systems=told))
