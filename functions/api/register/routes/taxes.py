"""Routes: the VAT classes."""

from functions.api.register import taxing, vat_words
from vouchsafe.pure.asking import Route

ROUTES = (
    Route(
        method="GET",
        path="/register/settings/vat",
        name="readVat",
        summary="Tells the VAT classes with their rates.",
        right="read",
        handle=taxing.classes,
        answers=vat_words.VatSaid,
    ),
    Route(
        method="PUT",
        path="/register/settings/vat",
        name="setVat",
        summary="Sets the VAT classes with their rates.",
        right="administer",
        handle=taxing.set_classes,
        asks=vat_words.VatSaid,
        answers=vat_words.VatSaid,
        problems=(409,),
    ),
)
