"""The fields of invoices and credit memos that we use. The code's user field is each company's own.

Source: Service Layer API reference and manual 1.22, read 2026-11-20.
"""

from datetime import date, time
from decimal import Decimal
from functools import lru_cache
from typing import Annotated, Literal

from pydantic import BeforeValidator, Field, StrictStr, create_model

from vouchsafe.pure.parsing import Amount, Narrow

INVOICE, CREDIT_MEMO = "invoice", "credit memo"
INVOICE_CODE = 13
_NONE_IS_EMPTY = BeforeValidator(lambda value: () if value is None else value)
Word = Annotated[StrictStr, Field(max_length=255)]
Entry = Annotated[str, Field(pattern=r"^[0-9]{1,12}$", coerce_numbers_to_str=True)]


class Line(Narrow):
    """`line_total` is after the line's discount, before the header's, without tax."""

    number: Annotated[Entry, Field(alias="LineNum")]
    item: Annotated[Word | None, Field(alias="ItemCode")] = None
    quantity: Annotated[Amount, Field(alias="Quantity")] = Decimal(1)
    unit_price: Annotated[Amount, Field(alias="UnitPrice")]
    discount_percent: Annotated[Amount, Field(alias="DiscountPercent")] = Decimal(0)
    line_total: Annotated[Amount, Field(alias="LineTotal")]
    tax_total: Annotated[Amount, Field(alias="TaxTotal")] = Decimal(0)
    base_type: Annotated[int | None, Field(alias="BaseType")] = None
    base_entry: Annotated[
        str | None, Field(alias="BaseEntry", coerce_numbers_to_str=True, max_length=12)
    ] = None
    base_line: Annotated[
        str | None, Field(alias="BaseLine", coerce_numbers_to_str=True, max_length=12)
    ] = None
    code: Word | None = None


class Paper(Narrow):
    """An invoice or a credit memo."""

    entry: Annotated[Entry, Field(alias="DocEntry")]
    day: Annotated[date, Field(alias="DocDate")]
    at: Annotated[time | None, Field(alias="DocTime")] = None
    changed_on: Annotated[date, Field(alias="UpdateDate")]
    changed_at: Annotated[time | None, Field(alias="UpdateTime")] = None
    branch: Annotated[
        str | None, Field(alias="BPL_IDAssignedToInvoice", coerce_numbers_to_str=True)
    ] = None
    buyer: Annotated[Word | None, Field(alias="CardCode")] = None
    seller: Annotated[str | None, Field(alias="SalesPersonCode", coerce_numbers_to_str=True)] = None
    cancel_status: Annotated[
        Literal["csNo", "csYes", "csCancellation"], Field(alias="CancelStatus")
    ] = "csNo"
    rate: Annotated[Amount, Field(alias="DocRate")] = Decimal(1)
    total_discount: Annotated[Amount, Field(alias="TotalDiscount")] = Decimal(0)
    vat: Annotated[Amount, Field(alias="VatSum")] = Decimal(0)
    total: Annotated[Amount, Field(alias="DocTotal")]
    paid: Annotated[Amount, Field(alias="PaidToDate")] = Decimal(0)
    lines: Annotated[tuple[Line, ...], _NONE_IS_EMPTY, Field(alias="DocumentLines")] = ()
    code: Word | None = None


@lru_cache(maxsize=32)
def paper(code_field: str) -> type[Paper]:
    """The model for a company whose codes stand in that user field, of header and lines alike."""
    named = Annotated[Word | None, Field(alias=code_field)]
    line = create_model("Line", __base__=Line, code=(named, None))
    lines = Annotated[tuple[line, ...], _NONE_IS_EMPTY, Field(alias="DocumentLines")]
    return create_model("Paper", __base__=Paper, code=(named, None), lines=(lines, ()))
