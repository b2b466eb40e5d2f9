"""The fields of Salesforce's documents that we use: events, rows of a data extension, vouchers."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Annotated, ClassVar, Literal

from pydantic import Field, RootModel, StrictInt, StrictStr

from vouchsafe.pure.parsing import Instant, Key, Narrow, Scalar

Amount = Annotated[Decimal, Scalar, Field(max_digits=38, allow_inf_nan=False)]
Short = Annotated[StrictStr, Field(max_length=2048)]


class Handshake(Narrow):
    """What a new callback posts, unsigned, and wants back through the API."""

    LONGEST: ClassVar[int] = 2000

    callback_id: Annotated[Key, Field(alias="callbackId")]
    verification_key: Annotated[Key, Field(alias="verificationKey")]


class Info(Narrow):
    """The names of an event's own fields are not published in full: any of these may be there."""

    content_link: Annotated[Short | None, Field(alias="contentLink")] = None
    to: Short | None = None
    email: Short | None = None
    attributes: Mapping[str, object] = {}


class Composite(Narrow):
    subscriber_id: Annotated[
        str | None, Field(alias="subscriberId", coerce_numbers_to_str=True)
    ] = None


class Happened(Narrow):
    """One event of a batch."""

    category: Annotated[Key, Field(alias="eventCategoryType")]
    at_ms: Annotated[StrictInt, Field(alias="timestampUTC", ge=0, le=10**14)]
    composite_id: Annotated[Key, Field(alias="compositeId")]
    mid: Annotated[str, Field(coerce_numbers_to_str=True)]
    composite: Composite = Composite()
    info: Info = Info()


class Batch(RootModel[Annotated[tuple[Happened, ...], Field(min_length=1)]]):
    """What one delivery holds."""


class CouponRow(Narrow):
    """A row of the data extension; every value is text, and names come back in lower case."""

    keys: Mapping[str, StrictStr | None]
    values: Mapping[str, StrictStr | None]

    def cell(self, column: str) -> str:
        name = column.casefold()
        cells = {key.casefold(): value for key, value in (*self.values.items(), *self.keys.items())}
        return (cells.get(name) or "").strip()


class Contact(Narrow):
    email: Annotated[Short | None, Field(alias="Email")] = None


class Voucher(Narrow):
    """A voucher of Loyalty Management, API v51 or later; times have `+0000` for UTC."""

    id: Annotated[Key, Field(alias="Id")]
    code: Annotated[Key, Field(alias="VoucherCode")]
    status: Annotated[
        Literal["Issued", "Reserved", "Redeemed", "Expired", "Cancelled"], Field(alias="Status")
    ]
    changed_at: Annotated[Instant, Field(alias="SystemModstamp")]
    created_at: Annotated[Instant, Field(alias="CreatedDate")]
    effective_at: Annotated[Instant | None, Field(alias="EffectiveDateTime")] = None
    used_on: Annotated[StrictStr | None, Field(alias="UseDate", pattern=r"^\d{4}-\d\d-\d\d$")] = (
        None
    )
    face_value: Annotated[Amount | None, Field(alias="FaceValue")] = None
    redeemed_value: Annotated[Amount | None, Field(alias="RedeemedValue")] = None
    currency: Annotated[StrictStr | None, Field(alias="CurrencyIsoCode")] = None
    contact: Annotated[Contact | None, Field(alias="Contact")] = None
