"""Value-added tax: classes with their rates by day and place, and the split of an amount by one.

Which classes there are, what they are called and what their rates are, a user says: none is known
here. A class without a rate on a day leaves the amount whole; nothing is guessed.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal

from vouchsafe.pure.errors import Invalid

# What stands for a class where none is known, so no class may be called so.
UNKNOWN = "vat_unknown"
# All of it stands in one item, and twice in the audit log's entry of a change.
_MOST_CLASSES = 50
_MOST_RATES = 200
_MOST_PLACES = 300
_WHOLE = 100
_DECIMALS = 4
_PLACE = re.compile(r"[a-z][a-z0-9_]{0,49}(/[A-Za-z0-9._-]{1,100}(/\S.{0,199})?)?")


@dataclass(frozen=True, slots=True, kw_only=True)
class Rate:
    """A percentage, from a business day on; without places everywhere.

    A place is `platform`, `platform/account` or `platform/account/location_id`; the most exact one
    that has a rate holds.
    """

    percent: Decimal
    holds_from: date
    places: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class VatClass:
    """A class by the name that promotions say, such as `reduced`."""

    name: str
    rates: tuple[Rate, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Vat:
    """All classes. `prices_include_vat` is whether the discounts that a platform tells hold their
    tax; at the places of `prices_differ_at` it is the other way round. `version` counts the changes
    of the setting."""

    classes: tuple[VatClass, ...] = ()
    prices_include_vat: bool = True
    prices_differ_at: tuple[str, ...] = ()
    version: int = 0

    def rate(self, name: str, day: date, place: str) -> Decimal | None:
        """The percentage of a class on a business day at `platform/account/location_id`."""
        rates = [
            each
            for of in self.classes
            if of.name == name
            for each in of.rates
            if each.holds_from <= day
        ]
        for where in (*_exact_first(place), ""):
            held = [each for each in rates if where in (each.places or ("",))]
            if held:
                return max(held, key=lambda each: each.holds_from).percent
        return None

    def includes(self, place: str) -> bool:
        """Whether amounts of that place hold their tax."""
        differs = any(where in self.prices_differ_at for where in _exact_first(place))
        return self.prices_include_vat != differs


@dataclass(frozen=True, slots=True, kw_only=True)
class Split:
    """An amount as it was told, with its tax or without; net and tax always add up to the gross."""

    amount_minor: int
    vat_minor: int
    includes: bool

    def net_minor(self) -> int:
        return self.amount_minor - self.vat_minor if self.includes else self.amount_minor

    def gross_minor(self) -> int:
        return self.net_minor() + self.vat_minor

    def first(self, amount_minor: int) -> "Split":
        """What falls on the first so many of the units that were told. Steps are differences of
        two of these, so that however many they are, together they are the whole."""
        of_it = half_up(self.vat_minor * amount_minor, self.amount_minor)
        return replace(self, amount_minor=amount_minor, vat_minor=of_it)


def split(amount_minor: int, percent: Decimal, *, includes: bool) -> Split:
    """The tax is rounded half up to the minor unit, once for each amount; the net is the rest."""
    rate = percent.scaleb(_DECIMALS)
    whole = Decimal(_WHOLE).scaleb(_DECIMALS)
    of = whole + rate if includes else whole
    tax = half_up(amount_minor * int(rate), int(of))
    return Split(amount_minor=amount_minor, vat_minor=tax, includes=includes)


def half_up(dividend: int, divisor: int) -> int:
    """A quotient of what is not negative, rounded to the nearest whole number, the half up."""
    return (2 * dividend + divisor) // (2 * divisor)


def check(vat: Vat) -> None:
    """Raises Invalid for classes that cannot be used."""
    rates = [rate for each in vat.classes for rate in each.rates]
    places = [place for rate in rates for place in rate.places]
    _few("classes", "classes", vat.classes, _MOST_CLASSES)
    _few("classes", "rates in all", rates, _MOST_RATES)
    _few("classes", "places in all", places, _MOST_PLACES)
    _once("classes", (each.name for each in vat.classes))
    for at, each in enumerate(vat.classes):
        _check_class(f"classes[{at}]", each)
    _few("prices_differ_at", "places", vat.prices_differ_at, _MOST_PLACES)
    _check_places("prices_differ_at", vat.prices_differ_at)


def _check_class(field: str, said: VatClass) -> None:
    if not re.fullmatch(r"[a-z][a-z0-9_]{0,39}", said.name) or said.name == UNKNOWN:
        raise Invalid(f"{field}.name", f"must be a lower-case word, and not {UNKNOWN}")
    if not said.rates:
        raise Invalid(f"{field}.rates", "must be at least one")
    for at, rate in enumerate(said.rates):
        _check_percent(f"{field}.rates[{at}].percent", rate.percent)
        _check_places(f"{field}.rates[{at}].places", rate.places)
    _once(f"{field}.rates", _days_and_places(said.rates))


def _check_percent(field: str, percent: Decimal) -> None:
    if not percent.is_finite() or not 0 <= percent < _WHOLE:
        raise Invalid(field, "must be from 0 to less than 100")
    if percent != percent.quantize(Decimal(1).scaleb(-_DECIMALS)):
        raise Invalid(field, f"may have at most {_DECIMALS} decimals")


def _check_places(field: str, places: tuple[str, ...]) -> None:
    _once(field, places)
    if not all(_PLACE.fullmatch(each) for each in places):
        raise Invalid(field, "must be platform, platform/account or platform/account/location_id")


def _days_and_places(rates: Iterable[Rate]) -> Iterator[tuple[date, str]]:
    for rate in rates:
        for place in rate.places or ("",):
            yield rate.holds_from, place


def _few(field: str, what: str, said: Sequence[object], most: int) -> None:
    if len(said) > most:
        raise Invalid(field, f"must be at most {most} {what}")


def _once(field: str, said: Iterable[object]) -> None:
    held = list(said)
    if len(set(held)) != len(held):
        raise Invalid(field, "must not say the same twice")


def _exact_first(place: str) -> tuple[str, ...]:
    """A place, its account, its platform."""
    platform, _, rest = place.partition("/")
    account = rest.partition("/")[0]
    return place, f"{platform}/{account}", platform
