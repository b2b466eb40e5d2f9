"""A guest check of the Business Intelligence API, as far as we read it."""

from datetime import datetime

from pydantic import AliasChoices, Field

from vouchsafe.pure.errors import Unreadable
from vouchsafe.pure.parsing import Key, Narrow, UtcInstant

from .words import Amount, Number


class Tax(Narrow):
    collected: Amount | None = Field(None, validation_alias="taxCollTtl")
    kind: int | None = Field(None, validation_alias="type")


class MenuItem(Narrow):
    number: Number = Field(validation_alias="miNum")
    is_return: bool | None = Field(None, validation_alias="returnFlag")


class Discounted(Narrow):
    number: Number | None = Field(None, validation_alias="dscNum")


class ServiceCharge(Narrow):
    number: Number | None = Field(None, validation_alias="svcChgNum")


class Tender(Narrow):
    number: Number | None = Field(None, validation_alias="tmedNum")


class Detail(Narrow):
    """One detail line: a menu item, a discount, a service charge, a tender, or none of these."""

    id: Number = Field(validation_alias="dtlId")
    parent: Number | None = Field(None, validation_alias="parDtlId")
    at: UtcInstant | None = Field(None, validation_alias="detailUTC")
    total: Amount | None = Field(None, validation_alias="aggTtl")
    shown_total: Amount | None = Field(None, validation_alias="dspTtl")
    quantity: Amount | None = Field(None, validation_alias="aggQty")
    reference: str | None = Field(None, validation_alias="refInfo1")
    reference_too: str | None = Field(None, validation_alias="refInfo2")
    is_void: bool | None = Field(None, validation_alias="vdFlag")
    is_corrected: bool | None = Field(None, validation_alias="errCorFlag")
    menu_item: MenuItem | None = Field(None, validation_alias="menuItem")
    discount: Discounted | None = None
    service_charge: ServiceCharge | None = Field(None, validation_alias="serviceCharge")
    tender: Tender | None = Field(None, validation_alias="tenderMedia")

    @property
    def is_taken_back(self) -> bool:
        """Whether it was voided or corrected, or is itself the line that voids another."""
        returned = self.menu_item is not None and bool(self.menu_item.is_return)
        return bool(self.is_void) or bool(self.is_corrected) or returned


class GuestCheck(Narrow):
    """Its instants are of fields whose names end in UTC, and never of their local twins."""

    id: Number = Field(validation_alias="guestCheckId")
    opened_at: UtcInstant | None = Field(None, validation_alias="opnUTC")
    closed_at: UtcInstant | None = Field(None, validation_alias="clsdUTC")
    closed_again_at: UtcInstant | None = Field(None, validation_alias="reopnClsdChkClsdUTC")
    moved_at: UtcInstant | None = Field(None, validation_alias="lastTransUTC")
    updated_at: UtcInstant | None = Field(None, validation_alias="lastUpdatedUTC")
    is_closed: bool | None = Field(None, validation_alias="clsdFlag")
    is_cancelled: bool | None = Field(None, validation_alias="cancelFlag")
    total: Amount | None = Field(None, validation_alias="chkTtl")
    discount_total: Amount | None = Field(None, validation_alias="dscTtl")
    tip_total: Amount | None = Field(None, validation_alias="tipTotal")
    revenue_center: Number | None = Field(None, validation_alias="rvcNum")
    order_type: Number | None = Field(None, validation_alias="otNum")
    employee: Number | None = Field(None, validation_alias="empNum")
    # Names change between releases, and this one is known to.
    taxes: tuple[Tax, ...] | None = Field(None, validation_alias=AliasChoices("taxes", "taxation"))
    details: tuple[Detail, ...] | None = Field(None, validation_alias="detailLines")

    def version_at(self) -> datetime:
        """When it last changed. Raises Unreadable where it tells no time at all."""
        told = (self.updated_at, self.moved_at, self.closed_again_at, self.closed_at)
        found = next((each for each in told if each), None) or self.opened_at
        if found is None:
            raise Unreadable("guestCheck.lastUpdatedUTC", "is missing")
        return found


class CheckDocument(Narrow):
    """A guest check, and the location that it was listed for: it does not name its own."""

    location: Key = Field(validation_alias="locRef")
    check: GuestCheck = Field(validation_alias="guestCheck")
