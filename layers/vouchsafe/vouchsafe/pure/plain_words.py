"""Numbers, days and amounts as people of a language write them, and nouns that agree with them."""

from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from typing import Literal, get_args

from vouchsafe.pure import money
from vouchsafe.pure.register import Weekday

Lang = Literal["en", "es"]
Reader = Literal["customers", "staff"]

LANGS: tuple[Lang, ...] = get_args(Lang)
READERS: tuple[Reader, ...] = get_args(Reader)

_MONTHS: dict[Lang, tuple[str, ...]] = {
    "en": (
        "January",
        "February",
        "March",
        "April",
        "May",
        "June",
        "July",
        "August",
        "September",
        "October",
        "November",
        "December",
    ),
    "es": (
        "enero",
        "febrero",
        "marzo",
        "abril",
        "mayo",
        "junio",
        "julio",
        "agosto",
        "septiembre",
        "octubre",
        "noviembre",
        "diciembre",
    ),
}
_WEEKDAYS: dict[Lang, tuple[str, ...]] = {
    "en": ("Mondays", "Tuesdays", "Wednesdays", "Thursdays", "Fridays", "Saturdays", "Sundays"),
    "es": ("lunes", "martes", "miércoles", "jueves", "viernes", "sábados", "domingos"),
}
_SHORT: tuple[Weekday, ...] = get_args(Weekday)


def counted(number: int, one: str, many: str) -> str:
    """The number with its noun: `1 day`, `2 days`."""
    return f"{number} {one if number == 1 else many}"


def days(number: int, lang: Lang) -> str:
    return counted(number, "día", "días") if lang == "es" else counted(number, "day", "days")


def on(day: date, lang: Lang) -> str:
    """A day: `20 November 2026`, `20 de noviembre de 2026`."""
    month = _MONTHS[lang][day.month - 1]
    if lang == "es":
        return f"{day.day} de {month} de {day.year}"
    return f"{day.day} {month} {day.year}"


def number(value: Decimal, lang: Lang) -> str:
    """Without zeros that say nothing, with the language's own decimal sign."""
    text = f"{value:f}"
    text = text.rstrip("0").rstrip(".") if "." in text else text
    return text.replace(".", ",") if lang == "es" else text


def percent(value: Decimal, lang: Lang) -> str:
    """`10%`, and in Spanish with a blank that does not break: `10 %`."""
    blank = "\N{NO-BREAK SPACE}" if lang == "es" else ""
    return f"{number(value, lang)}{blank}%"


def amount(minor: int, currency: str, lang: Lang) -> str:
    """`5.00 EUR`, `5,00 EUR`."""
    text = money.decimal_text(minor, currency)
    return f"{text.replace('.', ',') if lang == 'es' else text} {currency}"


def weekdays(which: frozenset[Weekday], lang: Lang) -> str:
    """All of them in the order of the week: `Mondays and Fridays`."""
    names = [_WEEKDAYS[lang][at] for at, name in enumerate(_SHORT) if name in which]
    return listed(names, lang)


def listed(names: Sequence[str], lang: Lang) -> str:
    """`a, b and c`."""
    if len(names) < 2:
        return "".join(names)
    last = names[-1]
    # Before the sound of i, Spanish says e.
    sounds_i = last[:1].lower() in ("i", "í") or last[:2].lower() == "hi"
    word = ("e" if sounds_i else "y") if lang == "es" else "and"
    return f"{', '.join(names[:-1])} {word} {last}"
