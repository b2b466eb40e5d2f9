"""Routes: the alarms."""

from functions.api.register import alarm_words, alarms
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
)
