"""Values for tests: a gift card of 50.00 euro that ends with November 2026 in Madrid."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

from vouchsafe.pure.business_day import DayRule
from vouchsafe.pure.value import Entry, ValueTerms, folded, paid
from vouchsafe.pure.value_moves import Asked, Here, Sale, Standing, issue

MADRID = DayRule(zone="Europe/Madrid")
TERMS = ValueTerms(
    code="G1FT",
    promotion_id="GIFT",
    voucher_class="multi_purpose",
    currency="EUR",
    expires_on=date(2026, 11, 30),
    days=MADRID,
)
NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)
SOLD = Sale(order="direct#shop#s1", amount_minor=5000, paid_minor=4500)


def here(minutes: float = 0) -> Here:
    at = NOW + timedelta(minutes=minutes)
    return Here(at=at, day=MADRID.day_of(at), place="direct/shop/", who="key:k1")


def asked(order: str, minor: int, payment: str = "", *, partly: bool = False) -> Asked:
    return Asked(order=order, payment=payment, amount_minor=minor, partly=partly)


def issued(minor: int = 5000, terms: ValueTerms = TERMS) -> tuple[Entry, ...]:
    sale = replace(SOLD, amount_minor=minor, paid_minor=minor)
    return issue(Standing(), terms, sale, here())


def standing(made: Iterable[Entry], order: str = "", payment: str = "") -> Standing:
    """What stands after the entries for a payment of an order."""
    found, pays = list(made), None
    for entry in sorted(found, key=lambda each: each.number):
        if (entry.order, entry.payment) == (order, payment):
            pays = paid(pays, entry)
    return Standing(value=folded(found), payment=pays)
