"""Is the file one that calendars take, whatever people call things?"""

from datetime import UTC, date, datetime

from hypothesis import given
from hypothesis import strategies as st

from vouchsafe.pure.icalendar import Event, icalendar

NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)


def of(summary: str) -> str:
    event = Event(
        uid="1@v", starts_on=date(2026, 11, 24), ends_on=date(2026, 11, 30), summary=summary
    )
    return icalendar("Releases", [event], NOW)


def unfolded(text: str) -> list[str]:
    return text.replace("\r\n ", "").split("\r\n")


def test_whole_days_end_on_the_day_after() -> None:
    lines = unfolded(of("Autumn"))

    assert lines[0] == "BEGIN:VCALENDAR"
    assert lines[-2:] == ["END:VCALENDAR", ""]
    assert "DTSTART;VALUE=DATE:20261124" in lines
    assert "DTEND;VALUE=DATE:20261201" in lines
    assert "DTSTAMP:20261120T120000Z" in lines


def test_signs_with_a_meaning_are_escaped() -> None:
    assert r"SUMMARY:a\, b\; c\\d\ne" in unfolded(of("a, b; c\\d\ne"))


@given(st.text(st.characters(exclude_categories=["Cs", "Cc"]), max_size=300))
def test_no_line_is_too_long_and_none_is_lost(summary: str) -> None:
    text = of(summary)

    assert all(len(line.encode()) <= 75 for line in text.split("\r\n"))
    escaped = summary.replace("\\", "\\\\").replace(";", "\\;").replace(",", "\\,")
    assert f"SUMMARY:{escaped}" in unfolded(text)
