"""What a cell of the register's files may say. Each function raises Invalid with the broken rule.

A spreadsheet is a hostile place: it runs cells that begin with a sign, shortens long numbers and
writes errors where a formula broke. Such cells are refused where text is asked for.
"""

import re
import unicodedata
from datetime import date, datetime, time
from decimal import Decimal

from vouchsafe.pure import business_day, codes, instant, money
from vouchsafe.pure.errors import Invalid
from vouchsafe.pure.identity import STRENGTH, Kind

LONGEST = 255
_RUN_BY_SPREADSHEETS = "=+-@＝＋－＠"  # OWASP, CSV injection, read 2026-11-20; and their wide forms
_ERRORS = re.compile(r"#(REF!|N/A|NAME\?|VALUE!|DIV/0!|NULL!|NUM!|SPILL!)")
_SHORTENED = re.compile(r"\d([.,]\d+)?[eE]\+\d+")
_SCRIPTS = ("LATIN", "CYRILLIC", "GREEK")


def plain(text: str) -> str:
    """Text that no spreadsheet has mangled and none will run."""
    if len(text) > LONGEST:
        raise _refused(f"must have at most {LONGEST} characters")
    if any(unicodedata.category(char) in ("Cc", "Cs", "Zl", "Zp") for char in text):
        raise _refused("must not have control characters or line breaks in it")
    if text[0] in _RUN_BY_SPREADSHEETS:
        raise _refused(f"must not begin with {text[0]}: a spreadsheet would run it as a formula")
    if _ERRORS.fullmatch(text):
        raise _refused(f"is the error of a spreadsheet: {text}")
    return text


def name_of_thing(text: str) -> str:
    """An identifier: plain text, all of it visible, that no spreadsheet has shortened."""
    if _SHORTENED.fullmatch(text):
        raise _refused(f"is a number that a spreadsheet has shortened: {text}")
    if any(unicodedata.category(char) == "Cf" for char in text):
        raise _refused(f"has an invisible character in it: {text!r}")
    return plain(text)


def code(text: str) -> str:
    """A code as it is printed. Something of it must be left to be compared."""
    name_of_thing(text)
    if not codes.canonical(text):
        raise _refused(f"has no letter or digit: {text!r}")
    scripts = {script for char in text if (script := _script(char))}
    if len(scripts) > 1:
        raise _refused(f"mixes look-alike letters of {' and '.join(sorted(scripts))}: {text!r}")
    return text


def whole_above_zero(text: str) -> int:
    if not re.fullmatch(r"[0-9]{1,9}", text) or int(text) == 0:
        raise _refused(f"must be a whole number above 0: {text!r}")
    return int(text)


def decimal(text: str) -> Decimal:
    if not re.fullmatch(r"[0-9]{1,15}([.][0-9]{1,15})?", text):
        raise _refused(f"must be a number such as 10.50, with a point for its decimals: {text!r}")
    return Decimal(text)


def whole(text: str) -> int:
    if not re.fullmatch(r"[0-9]{1,9}", text):
        raise _refused(f"must be a whole number: {text!r}")
    return int(text)


def percent(text: str) -> float:
    return float(exact_percent(text))


def exact_percent(text: str) -> Decimal:
    value = decimal(text)
    if not 0 < value <= 100:
        raise _refused(f"must be above 0 and at most 100: {text!r}")
    return value


def day(text: str) -> date:
    if not re.fullmatch(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", text):
        raise _refused(f"must be a day such as 2026-11-20: {text!r}")
    return business_day.parse_day(text)


def clock(text: str) -> time:
    if not re.fullmatch(r"[0-9]{2}:[0-9]{2}", text):
        raise _refused(f"must be a time such as 05:00: {text!r}")
    return business_day.parse_day_start(text)


def zone(text: str) -> str:
    business_day.zone(text)
    return text


def currency(text: str) -> str:
    money.exponent(text)
    return text


def moment(text: str) -> datetime:
    """An instant with its offset, in whole milliseconds as all instants are kept."""
    try:
        found = instant.parse(text)
    except OverflowError as error:
        raise _refused(f"is out of range: {text[:40]!r}") from error
    return found.replace(microsecond=found.microsecond // 1000 * 1000)


def platform(text: str) -> str:
    if not re.fullmatch(r"[a-z][a-z0-9_]{0,49}", text):
        raise _refused(f"must be one lower-case word: {text!r}")
    return text


def account(text: str) -> str:
    if not re.fullmatch(r"[A-Za-z0-9._-]{1,100}", text):
        raise _refused(f"must be letters, digits, dots, dashes: {text!r}")
    return text


def front_end(text: str) -> str:
    """The account of a web analytics that a shop's pages report to."""
    parts = text.strip().split("/")
    if len(parts) != 2 or not all(parts):
        raise _refused(f"must be platform/account: {text.strip()!r}")
    return f"{platform(parts[0])}/{account(parts[1])}"


def place(text: str) -> tuple[str, str, str]:
    """`platform/account/location_id`; the last part may hold slashes."""
    parts = text.strip().split("/", 2)
    if len(parts) < 3 or not all(parts):
        raise _refused(f"must be platform/account/location_id: {text.strip()!r}")
    return platform(parts[0]), account(parts[1]), name_of_thing(parts[2])


def places(text: str) -> frozenset[str]:
    return frozenset("/".join(place(each)) for each in text.split("|"))


def alias(text: str) -> str:
    """A till discount's key as the register keeps it."""
    kind, _, rest = plain(text).partition(":")
    if kind not in ("catalog", "metadata", "name") or not rest.strip():
        raise _refused(f"must be catalog:<id>, metadata:<text> or name:<text>: {text!r}")
    return codes.alias_key(f"{kind}:{rest.strip()}")


def channel(text: str) -> tuple[str, str]:
    """Source and medium of a channel such as `google / cpc`; none of `(direct)`."""
    source, slash, medium = (part.strip() for part in plain(text).partition("/"))
    if text == "(direct)":
        return "", ""
    if not slash or not source or not medium:
        raise _refused(f"must be source / medium: {text!r}")
    return source, medium


def person(text: str) -> tuple[Kind, str]:
    """Kind and raw value of an identity. What it refuses it does not repeat: that is a person."""
    word, _, value = text.partition(":")
    kind = next((each for each in STRENGTH if each == word), None)
    if kind is None or not value.strip():
        raise _refused(f"must be kind:value, the kind one of {', '.join(STRENGTH)}")
    if kind == "customer" and len([part for part in value.split("/", 2) if part.strip()]) < 3:
        raise _refused("must be customer:platform/account/id")
    return kind, value.strip()


def yes_or_no(text: str) -> bool:
    if text not in ("yes", "no"):
        raise _refused(f"must be yes or no: {text!r}")
    return text == "yes"


def _refused(rule: str) -> Invalid:
    return Invalid("cell", rule)


def _script(char: str) -> str:
    name = unicodedata.name(char, "") if char.isalpha() else ""
    return next((script for script in _SCRIPTS if name.startswith(script)), "")
