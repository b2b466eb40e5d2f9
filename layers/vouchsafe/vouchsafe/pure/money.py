"""Money as whole minor units of one currency, and the split that loses none of it."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal, InvalidOperation

from vouchsafe.pure.errors import Invalid, Unreadable

# ISO 4217, list one, 2026-01-01: currencies by the digits of their minor unit.
_LISTED = {
    0: "BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX UYI VND VUV XAF XOF XPF",
    2: """
        AED AFN ALL AMD AOA ARS AUD AWG AZN BAM BBD BDT BMD BND BOB BOV BRL BSD BTN BWP BYN BZD
        CAD CDF CHE CHF CHW CNY COP COU CRC CUP CVE CZK DKK DOP DZD EGP ERN ETB EUR FJD FKP GBP
        GEL GHS GIP GMD GTQ GYD HKD HNL HTG HUF IDR ILS INR IRR JMD KES KGS KHR KPW KYD KZT LAK
        LBP LKR LRD LSL MAD MDL MGA MKD MMK MNT MOP MRU MUR MVR MWK MXN MXV MYR MZN NAD NGN NIO
        NOK NPR NZD PAB PEN PGK PHP PKR PLN QAR RON RSD RUB SAR SBD SCR SDG SEK SGD SHP SLE SOS
        SRD SSP STN SVC SYP SZL THB TJS TMT TOP TRY TTD TWD TZS UAH USD USN UYU UZS VED VES WST
        XAD XCD XCG YER ZAR ZMW ZWG
    """,
    3: "BHD IQD JOD KWD LYD OMR TND",
    4: "CLF UYW",
}
_EXPONENTS = {code: digits for digits, codes in _LISTED.items() for code in codes.split()}
# The highest place of an amount, which is below 10^16.
_HIGHEST = 15


def exponent(currency: str) -> int:
    """Digits after the decimal point. Raises Invalid for a code that ISO 4217 does not list."""
    digits = _EXPONENTS.get(currency)
    if digits is None:
        raise Invalid("currency", f"is not an ISO 4217 code: {currency!r}")
    return digits


@dataclass(frozen=True, slots=True, order=False)
class Money:
    """An amount in minor units. Different currencies never meet in one operation."""

    minor: int
    currency: str

    def __add__(self, other: "Money") -> "Money":
        return Money(self.minor + self._same(other).minor, self.currency)

    def __sub__(self, other: "Money") -> "Money":
        return Money(self.minor - self._same(other).minor, self.currency)

    def __neg__(self) -> "Money":
        return Money(-self.minor, self.currency)

    def __lt__(self, other: "Money") -> bool:
        return self.minor < self._same(other).minor

    def __le__(self, other: "Money") -> bool:
        return self.minor <= self._same(other).minor

    def __str__(self) -> str:
        return f"{decimal_text(self.minor, self.currency)} {self.currency}"

    def _same(self, other: "Money") -> "Money":
        if other.currency != self.currency:
            raise Invalid("currency", f"must not be mixed: {self.currency} and {other.currency}")
        return other


def minor_units(amount: str | int | Decimal, currency: str) -> int:
    """Major units, as a vendor writes them, in minor units.

    Raises Invalid for what is not a finite decimal, or has a fraction of a minor unit.
    """
    try:
        value = Decimal(amount)
    except (InvalidOperation, TypeError, ValueError) as error:
        raise Invalid("amount", f"is not a decimal number: {str(amount)[:40]!r}") from error
    if not value.is_finite() or abs(value.adjusted()) > _HIGHEST:
        raise Invalid("amount", "must be finite and below 10^16")
    scaled = value.scaleb(exponent(currency))
    if scaled != scaled.to_integral_value():
        raise Invalid("amount", f"has a fraction of a minor unit of {currency}: {amount}")
    return int(scaled)


def currency_at(code: str, path: str, rule: str = "") -> str:
    """The currency that a document or a connection names at this path. Raises Unreadable where
    ISO 4217 does not list it, with `rule` where that says better what is wanted."""
    try:
        exponent(code)
    except Invalid as error:
        raise Unreadable(path, rule or error.rule) from error
    return code


def minor_at(amount: str | Decimal | None, currency: str, path: str) -> int:
    """What a document says at this path in minor units, 0 for no amount. Raises Unreadable where
    the currency has no such amount."""
    if amount is None:
        return 0
    try:
        return minor_units(amount, currency)
    except Invalid as error:
        raise Unreadable(path, error.rule) from error


def rounded_at(amount: Decimal | None, currency: str, path: str) -> int:
    """`minor_at`, rounded half up, of what was reckoned and may have fractions of a minor unit."""
    if amount is None or amount.adjusted() > _HIGHEST:
        return minor_at(amount, currency, path)
    unit = Decimal(1).scaleb(-exponent(currency_at(currency, path)))
    return minor_at(amount.quantize(unit, ROUND_HALF_UP), currency, path)


def decimal_text(minor: int, currency: str) -> str:
    """Minor units as plain decimal text in major units: 1999 USD is `19.99`."""
    digits = exponent(currency)
    return f"{Decimal(minor).scaleb(-digits):.{digits}f}"


def split(total_minor: int, weights: Sequence[int]) -> tuple[int, ...]:
    """Shares of a total in proportion to weights, which add up to it exactly.

    Largest remainder (Hamilton); equal remainders go to the earlier share. Weights of which none
    is positive share equally. A negative total splits as the mirror of the positive one.
    """
    if not weights:
        if total_minor:
            raise Invalid("weights", "are needed to split an amount")
        return ()
    if any(weight < 0 for weight in weights):
        raise Invalid("weights", "must not be negative")
    if total_minor < 0:
        return tuple(-share for share in split(-total_minor, weights))
    basis = weights if any(weights) else [1] * len(weights)
    whole = sum(basis)
    shares = [total_minor * weight // whole for weight in basis]
    remainders = [(-(total_minor * weight % whole), at) for at, weight in enumerate(basis)]
    for _, at in sorted(remainders)[: total_minor - sum(shares)]:
        shares[at] += 1
    return tuple(shares)
