"""The VAT classes that promotions name, and by which discounts and vouchers are posted."""

from decimal import Decimal
from functools import partial

from vouchsafe.edge import audit_table, vat_setting
from vouchsafe.pure import vat
from vouchsafe.pure.asking import Call, Reply
from vouchsafe.pure.vat import Rate, Vat, VatClass

from .settings import deed_of, must_have_seen
from .vat_words import RateSaid, VatClassSaid, VatSaid


def classes(_call: Call) -> Reply:
    """The classes in force, with the version that If-Match wants."""
    return _told(vat_setting.standing())


def set_classes(call: Call) -> Reply:
    """Set over the version that was seen. Days that are exported again are posted by it too."""
    asked, before = call.asked(VatSaid), vat_setting.standing()
    must_have_seen(call, before.version)
    after = Vat(
        classes=tuple(VatClass(name=of.name, rates=_rates(of)) for of in asked.classes),
        prices_include_vat=asked.prices_include_vat,
        prices_differ_at=asked.prices_differ_at,
        version=before.version + 1,
    )
    vat.check(after)
    audit_table.append(deed_of(call, "vat", before, after), partial(vat_setting.put, after))
    return _told(after)


def _rates(said: VatClassSaid) -> tuple[Rate, ...]:
    return tuple(
        Rate(percent=Decimal(each.percent), holds_from=each.holds_from, places=each.places)
        for each in said.rates
    )


def _told(said: Vat) -> Reply:
    told = VatSaid(
        classes=tuple(
            VatClassSaid(name=of.name, rates=tuple(map(_rate, of.rates))) for of in said.classes
        ),
        prices_include_vat=said.prices_include_vat,
        prices_differ_at=said.prices_differ_at,
    )
    return Reply(body=told, version=said.version)


def _rate(said: Rate) -> RateSaid:
    return RateSaid(percent=f"{said.percent:f}", holds_from=said.holds_from, places=said.places)
