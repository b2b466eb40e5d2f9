"""Routes: the alarms, and when they are told again."""

from functions.api.register import alarm_words, alarms, escalating, escalation_words
from functions.api.register.parameters import PAGE
from vouchsafe.pure.asking import Route

ROUTES = (
    Route(
        method="GET",
        path="/register/alarms",
        name="listAlarms",
        summary="Lists the alarms of a business day.",
        right="read",
        handle=alarms.every,
        answers=alarm_words.AlarmsTold,
        query={**PAGE, "day": "of the uses; today if nothing is said", "state": "open or cleared"},
    ),
    Route(
        method="GET",
        path="/register/alarms/{alarm_id}",
        name="readAlarm",
        summary="Reads an alarm with the uses that it rests on.",
        right="read",
        handle=alarms.one,
        answers=alarm_words.AlarmTold,
    ),
    Route(
        method="POST",
        path="/register/alarms/{alarm_id}/acknowledge",
        name="acknowledgeAlarm",
        summary="Takes an alarm on; it is told no further, unless it becomes much worse.",
        right="draft",
        handle=alarms.acknowledge,
        asks=alarm_words.AcknowledgeAsked,
        answers=alarm_words.AlarmAcknowledged,
    ),
    Route(
        method="GET",
        path="/register/settings/escalation",
        name="readEscalation",
        summary="Tells when alarms that nobody acknowledges are told again.",
        right="read",
        handle=escalating.read,
        answers=escalation_words.EscalationSaid,
    ),
    Route(
        method="PUT",
        path="/register/settings/escalation",
        name="setEscalation",
        summary="Sets when alarms that nobody acknowledges are told again.",
        right="administer",
        handle=escalating.set_it,
        asks=escalation_words.EscalationSaid,
        answers=escalation_words.EscalationSaid,
        problems=(409,),
    ),
)
