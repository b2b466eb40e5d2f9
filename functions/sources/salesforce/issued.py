"""Codes that were given to somebody: claimed rows, vouchers, and links that were clicked."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from urllib.parse import parse_qsl, urlsplit
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from vouchsafe.pure import instant
from vouchsafe.pure.codes import canonical
from vouchsafe.pure.errors import Invalid, Unreadable
from vouchsafe.pure.identity import Identify
from vouchsafe.pure.instant import EPOCH
from vouchsafe.pure.touchpoint import TouchKind, Touchpoint

from .documents import CouponRow, Happened, Voucher

# Options of a connection: which columns of the data extension hold what, and their clock.
CODE_COLUMN, EMAIL_COLUMN = "code_column", "email_column"
CLAIMED_COLUMN, CLAIMED_AT_COLUMN = "claimed_column", "claimed_at_column"
CAMPAIGN_COLUMN = "campaign_column"
ZONE = "zone"
# The name of the code in a link, and in a mail's own attributes.
CODE_PARAMETER, CODE_ATTRIBUTE = "code_parameter", "code_attribute"
_USUAL = {
    CODE_COLUMN: "couponcode",
    EMAIL_COLUMN: "emailaddress",
    CLAIMED_COLUMN: "isclaimed",
    CLAIMED_AT_COLUMN: "claimdate",
    CAMPAIGN_COLUMN: "campaignid",
    # Marketing Cloud's own: Central time without summer time.
    ZONE: "Etc/GMT+6",
    CODE_PARAMETER: "code",
    CODE_ATTRIBUTE: "couponcode",
}
_US = "%m/%d/%Y %I:%M:%S %p"
Options = Mapping[str, str]


def option(options: Options, name: str) -> str:
    return options.get(name) or _USUAL[name]


def of_row(row: CouponRow, options: Options, identify: Identify) -> Touchpoint | None:
    """A claimed row: a code given to a subscriber, and not a redemption. None for one that nobody
    claimed, or whose claimant nobody knows."""
    if row.cell(option(options, CLAIMED_COLUMN)).casefold() != "true":
        return None
    code = row.cell(option(options, CODE_COLUMN))
    if not code:
        raise Unreadable(f"keys.{option(options, CODE_COLUMN)}", "must hold the code")
    customer = identify("email", row.cell(option(options, EMAIL_COLUMN)) or None)
    if customer is None:
        return None
    at = claimed_at(row, options)
    # A row may be freed and claimed again, and a code stand on many rows.
    name = f"claim:{canonical(code)}:{instant.text(at)}"
    given = _given("publication", name, customer, at, code)
    # A code of several campaigns does not say by itself for which of them it was given.
    campaign = row.cell(option(options, CAMPAIGN_COLUMN))
    return replace(given, campaign_id=campaign[:255]) if campaign else given


def claimed_at(row: CouponRow, options: Options) -> datetime:
    """When a row was claimed, on the account's own clock. Raises Unreadable."""
    column = option(options, CLAIMED_AT_COLUMN)
    text = row.cell(column)
    try:
        zone = ZoneInfo(option(options, ZONE))
    except (ZoneInfoNotFoundError, ValueError) as error:
        raise Unreadable("options.zone", "must be an IANA zone") from error
    try:
        local = datetime.strptime(text, _US)  # noqa: DTZ007 (its zone is put in below)
    except ValueError:
        local = _iso(text, f"values.{column}")
    return (local if local.tzinfo else local.replace(tzinfo=zone)).astimezone(UTC)


def of_voucher(voucher: Voucher, identify: Identify) -> Touchpoint | None:
    """A voucher was issued to a member; None where its contact has no address."""
    email = voucher.contact.email if voucher.contact else None
    customer = identify("email", email)
    if customer is None:
        return None
    at = voucher.effective_at or voucher.created_at
    return _given("publication", f"voucher:{voucher.id}", customer, at, voucher.code)


def of_click(happened: Happened, options: Options, identify: Identify) -> Touchpoint | None:
    """A click on a link that carries a code; None for any other link, and for nobody's click."""
    said = dict(parse_qsl(urlsplit(happened.info.content_link or "").query))
    code = said.get(option(options, CODE_PARAMETER), "")
    return _of_mail("email_click", happened, code, said, identify)


def of_mail(happened: Happened, options: Options, identify: Identify) -> Touchpoint | None:
    """A mail that brought a code, where it says which one."""
    name = option(options, CODE_ATTRIBUTE).casefold()
    found = (value for key, value in happened.info.attributes.items() if key.casefold() == name)
    code = next(found, "")
    return _of_mail("publication", happened, code if isinstance(code, str) else "", {}, identify)


def _of_mail(
    kind: TouchKind, happened: Happened, code: str, utm: Mapping[str, str], identify: Identify
) -> Touchpoint | None:
    customer = identify("email", happened.info.to or happened.info.email)
    if not code.strip() or customer is None:
        return None
    at = EPOCH + timedelta(milliseconds=happened.at_ms)
    return _given(kind, f"ens:{happened.composite_id}:{kind}", customer, at, code, utm)


def _given(
    kind: TouchKind,
    name: str,
    customer: str,
    at: datetime,
    code: str,
    utm: Mapping[str, str] | None = None,
) -> Touchpoint:
    said = utm or {}
    return Touchpoint(
        touchpoint_id=name[:200],
        customer=customer,
        seen_at=at,
        kind=kind,
        code=canonical(code[:255]),
        utm_source=said.get("utm_source", "")[:255],
        utm_medium=said.get("utm_medium", "")[:255],
        utm_campaign=said.get("utm_campaign", "")[:255],
    )


def _iso(text: str, path: str) -> datetime:
    try:
        return datetime.fromisoformat(text)
    except (Invalid, ValueError):
        raise Unreadable(path, "must tell when the row was claimed") from None
