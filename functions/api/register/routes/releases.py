"""Routes: what goes out when, and what ends unused."""

from functions.api.register import expiring, release_words, releasing
from functions.api.register.parameters import PAGE
from vouchsafe.pure.asking import Route
from vouchsafe.pure.icalendar import MEDIA_TYPE

_PERIOD = {"from": "the first day, today if nothing is said", "to": "the last day"}

ROUTES = (
    Route(
        method="GET",
        path="/register/expiring",
        name="listExpiring",
        summary="Lists what ends soon with something left of it, and what could be done.",
        right="read",
        handle=expiring.expiring,
        answers=release_words.ExpiringTold,
        query={**PAGE, "within": "days, 14 if nothing is said"},
    ),
    Route(
        method="GET",
        path="/register/calendar",
        name="readCalendar",
        summary="Tells what goes out when and to whom, what crosses, and what is too much.",
        right="read",
        handle=releasing.calendar,
        answers=release_words.CalendarTold,
        query=_PERIOD,
    ),
    Route(
        method="GET",
        path="/register/calendar.ics",
        name="readCalendarFile",
        summary="The same as a file for people's calendars.",
        right="read",
        handle=releasing.feed,
        says=MEDIA_TYPE,
        query=_PERIOD,
    ),
    Route(
        method="GET",
        path="/register/settings/fatigue",
        name="readFatigue",
        summary="Tells how many releases are enough, and when people buy.",
        right="read",
        handle=releasing.fatigue,
        answers=release_words.FatigueSaid,
    ),
    Route(
        method="PUT",
        path="/register/settings/fatigue",
        name="setFatigue",
        summary="Sets how many releases are enough, and when people buy.",
        right="administer",
        handle=releasing.set_fatigue,
        asks=release_words.FatigueSaid,
        answers=release_words.FatigueSaid,
        problems=(409,),
    ),
)
