"""The setting of when alarms that nobody acknowledges are told again."""

from datetime import time
from functools import partial

from vouchsafe.edge import alarms_table, audit_table
from vouchsafe.pure import escalation
from vouchsafe.pure.asking import Call, Reply
from vouchsafe.pure.escalation import Escalation, Level, Patience

from .escalation_words import EscalationSaid, LevelSaid, PatienceSaid
from .settings import deed_of, must_have_seen


def read(_call: Call) -> Reply:
    """As it is set, or as usual where nobody has."""
    return _told(alarms_table.escalation())


def set_it(call: Call) -> Reply:
    """Set over the version that was seen; it holds for what is due from now on."""
    asked, before = call.asked(EscalationSaid), alarms_table.escalation()
    must_have_seen(call, before.version)
    after = Escalation(
        minor=_patience(asked.minor),
        major=_patience(asked.major),
        critical=_patience(asked.critical),
        levels=tuple(Level(**each.model_dump()) for each in asked.levels),
        zone=asked.zone,
        mention=asked.mention,
        version=before.version + 1,
    )
    escalation.check(after)
    deed = deed_of(call, "escalation", before, after)
    audit_table.append(deed, partial(alarms_table.put_escalation, after))
    return _told(after)


def _patience(said: PatienceSaid) -> Patience:
    return Patience(
        after_minutes=said.after_minutes,
        again_minutes=said.again_minutes,
        quiet_from=time.fromisoformat(said.quiet_from),
        quiet_until=time.fromisoformat(said.quiet_until),
    )


def _told(said: Escalation) -> Reply:
    told = EscalationSaid(
        minor=_patience_told(said.minor),
        major=_patience_told(said.major),
        critical=_patience_told(said.critical),
        levels=tuple(
            LevelSaid(
                currency=each.currency,
                major_minor=each.major_minor,
                critical_minor=each.critical_minor,
            )
            for each in said.levels
        ),
        zone=said.zone,
        mention=said.mention,
    )
    return Reply(body=told, version=said.version)


def _patience_told(said: Patience) -> PatienceSaid:
    return PatienceSaid(
        after_minutes=said.after_minutes,
        again_minutes=said.again_minutes,
        quiet_from=said.quiet_from.isoformat("minutes"),
        quiet_until=said.quiet_until.isoformat("minutes"),
    )
