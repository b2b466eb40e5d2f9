"""A check of Upserve's API, as far as we read it."""

from pydantic import Field

from vouchsafe.pure.parsing import Instant, Key, Narrow, Quantity

from .words import Amount, Maybe, Value, Word


class VoidComp(Narrow):
    """What took an item, a side or a whole check off the bill: a void, or else a comp."""

    type: Word
    value: Value = None
    total: Maybe = None
    reason: str | None = Field(None, validation_alias="reason_text", max_length=1024)


class Modifier(Narrow):
    price: Maybe = None


class Side(Narrow):
    id: Key
    item_id: Key | None = None
    category_id: Key | None = None
    date: Instant | None = None
    quantity: Quantity | None = None
    price: Amount
    modifiers: tuple[Modifier, ...] | None = None
    voidcomp: VoidComp | None = None


class Item(Side):
    sides: tuple[Side, ...] | None = None


class Payment(Narrow):
    id: Key
    amount: Amount
    tip_amount: Maybe = None
    autograt_amount: Maybe = None
    date: Instant | None = None


class OnlineOrder(Narrow):
    source: str | None = Field(None, max_length=255)


class Check(Narrow):
    id: Key
    status: Word
    open_time: Instant
    close_time: Instant | None = None
    sub_total: Amount
    tax_total: Maybe = None
    total: Amount
    outstanding_balance: Maybe = None
    mandatory_tip_amount: Maybe = None
    employee_id: str | None = Field(None, max_length=255)
    type: str | None = Field(None, max_length=255)
    online_order: OnlineOrder | None = None
    items: tuple[Item, ...] | None = None
    payments: tuple[Payment, ...] | None = None
    voidcomp: VoidComp | None = None
