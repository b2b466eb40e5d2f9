"""The fields of an R-Series sale that we use. Every scalar is text, and a list of one is no list.

Source: the vendor's V3 documentation and recorded answers of public clients, read 2026-11-20.
"""

from collections.abc import Mapping
from decimal import Decimal
from typing import Annotated, Literal, TypeVar

from pydantic import BeforeValidator, ConfigDict, Field, StrictStr

from vouchsafe.pure.parsing import Instant, Narrow, Scalar

T = TypeVar("T")

# "0" stands for none.
NONE = "0"


def _many(value: object) -> object:
    """A relation holds a list, a single object, or an empty text for nothing."""
    if value in ("", None):
        return []
    return [value] if isinstance(value, dict) else value


def _relation(value: object) -> object:
    return {} if value in ("", None) else value


Many = Annotated[tuple[T, ...], BeforeValidator(_many)]
Id = Annotated[str, Field(pattern=r"^[0-9]{1,20}$", coerce_numbers_to_str=True)]
Amount = Annotated[Decimal, Scalar, Field(max_digits=38, allow_inf_nan=False)]
Units = Annotated[Decimal, Scalar, Field(max_digits=15, decimal_places=6)]
Flag = Literal["true", "false"]
_OrNone = BeforeValidator(lambda value: value or None)
_Relation = BeforeValidator(_relation)


def _word(name: str) -> str:
    """`parent_sale_line_id` is `parentSaleLineID` there."""
    first, *rest = name.split("_")
    return first + "".join("ID" if part == "id" else part.capitalize() for part in rest)


class _Row(Narrow):
    """One row of theirs, by their names."""

    model_config = ConfigDict(alias_generator=_word)


class NamedDiscount(_Row):
    """A discount of the shop's list; its name is the only word that a person knows it by."""

    discount_id: Id
    name: StrictStr = ""


class SaleLine(_Row):
    """`calcLineDiscount` and `calcTransactionDiscount` are what fell on it, already computed."""

    sale_line_id: Id
    item_id: Id = NONE
    unit_quantity: Units
    unit_price: Amount
    discount_id: Id = NONE
    calc_line_discount: Amount = Decimal(0)
    calc_transaction_discount: Amount = Decimal(0)
    calc_total: Amount
    parent_sale_line_id: Id = NONE
    discount: Annotated[NamedDiscount | None, Field(alias="Discount"), _OrNone] = None


class SaleLines(_Row):
    rows: Annotated[Many[SaleLine], Field(alias="SaleLine")] = ()


class SalePayment(_Row):
    tip_amount: Amount = Decimal(0)


class SalePayments(_Row):
    rows: Annotated[Many[SalePayment], Field(alias="SalePayment")] = ()


class ContactEmail(_Row):
    address: StrictStr = ""


class ContactPhone(_Row):
    number: StrictStr = ""


class Emails(_Row):
    rows: Annotated[Many[ContactEmail], Field(alias="ContactEmail")] = ()


class Phones(_Row):
    rows: Annotated[Many[ContactPhone], Field(alias="ContactPhone")] = ()


class Contact(_Row):
    emails: Annotated[Emails, Field(alias="Emails"), _Relation] = Emails()
    phones: Annotated[Phones, Field(alias="Phones"), _Relation] = Phones()


class Customer(_Row):
    contact: Annotated[Contact, Field(alias="Contact"), _Relation] = Contact()


class Sale(_Row):
    sale_id: Id
    time_stamp: Instant
    create_time: Instant
    complete_time: Annotated[Instant | None, _OrNone] = None
    completed: Flag
    voided: Flag
    shop_id: Id = NONE
    employee_id: Id = NONE
    customer_id: Id = NONE
    discount_id: Id = NONE
    calc_tax1: Amount = Decimal(0)
    calc_tax2: Amount = Decimal(0)
    calc_total: Amount
    lines: Annotated[SaleLines, Field(alias="SaleLines"), _Relation] = SaleLines()
    payments: Annotated[SalePayments, Field(alias="SalePayments"), _Relation] = SalePayments()
    discount: Annotated[NamedDiscount | None, Field(alias="Discount"), _OrNone] = None
    customer: Annotated[Customer, Field(alias="Customer"), _Relation] = Customer()


class Told(Narrow):
    """A sale as `api` gives it: `parents` names the sale of each line that a return gives back."""

    sale: Sale
    parents: Mapping[str, Id] = {}
