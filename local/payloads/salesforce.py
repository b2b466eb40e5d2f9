"""Salesforce's side: rows of coupon data extensions, vouchers, and the events of its mails.

Nothing of it is a sale. A claimed row and an issued voucher say whom a code was given to; that they
say `Redeemed` too, where a till took the code, is a copy of what the till tells by itself.

The clock of Marketing Cloud is Central time without summer time, written the American way. Columns
come back in lower case, every value as text.
"""

import base64
import hashlib
import hmac
from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, datetime, timedelta, timezone
from urllib.parse import urlencode

from local.dealing import Shop
from local.payloads.message import Document, Headers, Json, Message, encoded, utc_text

BATCH = 10
EXTENSIONS = ("Offers_CJ", "Offers_CJ_2")
CALLBACK = "4f0a9c3e-7a40-4a1d-8a77-2c9d6f5f0a11"
VERIFICATION_KEY = "e3b0c442-98fc-1c14-9afb-f4c8996fb924"
SOME_DAY = "10/27/2017 9:00:00 AM"
_CENTRAL = timezone(timedelta(hours=-6))
_LINK = "https://shop.journey.example.com/offers"
Row = Mapping[str, str]


def digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def claim_id(code: str, at: datetime) -> str:
    """The contact that a claimed row is: its code in canonical form, in which a nought is an O."""
    return f"claim:{code.replace('0', 'O')}:{utc_text(at)}"


def voucher_id(household: int, code: str) -> str:
    """An id as Salesforce writes them, of 18 characters."""
    return f"0kd{digest(f'voucher {household} {code}')[:15].upper()}"


def voucher_touch(voucher: str) -> str:
    """The contact that an issued voucher is."""
    return f"voucher:{voucher}"


def composite_id(campaign: int, household: int) -> str:
    """Job, batch, list and subscriber of a mail."""
    return f"{campaign}.1.1.{household}"


def click_touch(composite: str) -> str:
    """The contact that a click on a mail's link is."""
    return f"ens:{composite}:email_click"


def claimed(row: Row, used_at: datetime | None) -> Document:
    """A row of a data extension whose code was given to somebody."""
    address = _address(row)
    return {
        "keys": {"couponcode": row["code"], "subscriberkey": address.partition("@")[0]},
        "values": {
            "isclaimed": "True",
            "emailaddress": address,
            "claimdate": american(_seen_at(row)),
            "campaignid": row["campaign_id"],
            "status": "REDEEMED" if used_at else "",
            "redeemedat": american(used_at) if used_at else "",
        },
    }


def unclaimed(code: str) -> Document:
    """A row that no mail has taken yet."""
    values = ("emailaddress", "claimdate", "campaignid", "status", "redeemedat")
    blank: Document = dict.fromkeys(values, "")
    return {
        "keys": {"couponcode": code, "subscriberkey": ""},
        "values": {"isclaimed": "False", **blank},
    }


def claimed_by_nobody(code: str) -> Document:
    """A row that a mail to somebody without an address has taken."""
    values: Document = {"isclaimed": "True", "emailaddress": "", "claimdate": SOME_DAY}
    return {"keys": {"couponcode": code, "subscriberkey": "guest"}, "values": values}


def voucher(row: Row, used_at: datetime | None) -> Document:
    """A voucher of Loyalty Management as a query answers it."""
    name = row["touchpoint_id"].removeprefix("voucher:")
    issued, changed = _seen_at(row), used_at or _seen_at(row)
    return {
        "attributes": {"type": "Voucher", "url": f"/services/data/v62.0/sobjects/Voucher/{name}"},
        "Id": name,
        "VoucherCode": row["code"],
        "Status": "Redeemed" if used_at else "Issued",
        "FaceValue": None,
        "RedeemedValue": None,
        "UseDate": used_at.date().isoformat() if used_at else None,
        "EffectiveDateTime": core_time(issued),
        "CreatedDate": core_time(issued - timedelta(hours=3)),
        "SystemModstamp": core_time(changed),
        "Contact": {"attributes": {"type": "Contact"}, "Email": _address(row)},
    }


def handshake(shop: Shop, at: datetime) -> Message:
    """What a new callback posts, unsigned."""
    said: Json = {"callbackId": CALLBACK, "verificationKey": VERIFICATION_KEY}
    return Message(shop, 0, "handshake", at, encoded(said))


def messages(rows: Iterable[Row], shop: Shop) -> Iterator[Message]:
    """Batches of clicks in the order of their time; every batch tells its last click twice."""
    ordered = sorted(rows, key=lambda row: (_seen_at(row), row["touchpoint_id"]))
    for number, start in enumerate(range(0, len(ordered), BATCH)):
        batch = ordered[start : start + BATCH]
        events: list[Json] = [_click(row, shop) for row in (*batch, batch[-1])]
        yield Message(shop, number, "clicks", _seen_at(batch[-1]), encoded(events))


def headers(message: Message) -> Headers:
    """A batch is signed over its whole body; the handshake is not."""
    kind = {"Content-Type": "application/json"}
    if message.event == "handshake":
        return kind
    return kind | {"X-SFMC-ENS-Signature": signature(message.body, message.shop.signing_keys[0])}


def signature(body: bytes, key: str) -> str:
    return base64.b64encode(hmac.digest(key.encode(), body, hashlib.sha256)).decode()


def american(at: datetime) -> str:
    """As Marketing Cloud writes a time: `11/18/2026 7:02:11 AM`."""
    local = at.astimezone(_CENTRAL)
    hour = local.hour % 12 or 12
    half = "AM" if local.hour < 12 else "PM"
    return f"{local.month}/{local.day}/{local.year} {hour}:{local:%M:%S} {half}"


def core_time(at: datetime) -> str:
    """As the core platform writes a time: `2026-11-20T18:45:10.000+0000`."""
    return utc_text(at).replace("Z", "+0000")


def loyalty_options(api: str) -> dict[str, str]:
    """Those of an organisation's connection, by the address of its stand-in."""
    return {"system": "loyalty", "login_url": f"{api}/services/oauth2/token"}


def cloud_options(api: str) -> dict[str, str]:
    """Those of a business unit's connection."""
    return {
        "login_url": f"{api}/v2/token",
        "data_extensions": ", ".join(EXTENSIONS),
        "callback_id": CALLBACK,
    }


def forgeable(row: Row) -> Row:
    """The same click as nobody made it: were it ever kept, its name would tell."""
    return {**row, "touchpoint_id": row["touchpoint_id"].replace("ens:", "ens:forged-")}


def _click(row: Row, shop: Shop) -> Document:
    words = ("utm_source", "utm_medium", "utm_campaign")
    link = {"code": row["code"], **{word: row[word] for word in words}}
    composite = row["touchpoint_id"].removeprefix("ens:").removesuffix(":email_click")
    job, batch, roll, subscriber = composite.split(".")
    return {
        "eventCategoryType": "EngagementEvents.EmailClick",
        "timestampUTC": int(_seen_at(row).timestamp() * 1000),
        "compositeId": composite,
        "composite": {"jobId": job, "batchId": batch, "listId": roll, "subscriberId": subscriber},
        "definitionKey": "offers",
        "mid": int(shop.shop),
        "eid": 7_300_000,
        "info": {"contentLink": f"{_LINK}?{urlencode(link)}", "to": _address(row)},
    }


def _address(row: Row) -> str:
    return row["identity"].removeprefix("email:")


def _seen_at(row: Row) -> datetime:
    return datetime.fromisoformat(row["seen_at"]).astimezone(UTC)
