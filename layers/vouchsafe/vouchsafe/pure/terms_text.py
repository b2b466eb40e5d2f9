"""A promotion's terms in plain words, a sentence for each term that a code is held against."""

from collections.abc import Callable, Iterator
from decimal import Decimal

from vouchsafe.pure.limit import terms_of
from vouchsafe.pure.plain_words import (
    Lang,
    Reader,
    amount,
    counted,
    days,
    listed,
    on,
    percent,
    weekdays,
)
from vouchsafe.pure.register import (
    MEANS_OF_PAYMENT,
    Audience,
    LimitPeriod,
    LimitScope,
    LimitTerm,
    Promotion,
    Stacking,
)

_FOR: dict[Lang, dict[str, str]] = {
    "en": {
        "new": "It is for customers without an order before.",
        "returning": "It is for customers with an order before.",
        "silent": "It is for customers whose last order was at least {} ago.",
        "holder": "It is for the customers whom the code was given to.",
        "segment": "It is for a certain group of customers.",
    },
    "es": {
        "new": "Es para clientes sin pedidos anteriores.",
        "returning": "Es para clientes con algún pedido anterior.",
        "silent": "Es para clientes cuyo último pedido fue hace al menos {}.",
        "holder": "Es para los clientes a los que se entregó el código.",
        "segment": "Es para un grupo determinado de clientes.",
    },
}
_SCOPES: dict[Lang, dict[LimitScope, str]] = {
    "en": {
        "promotion": "in all",
        "code": "for each code",
        "customer": "for each customer",
        "device": "for each device",
        "card": "for each card",
        "location": "for each shop",
    },
    "es": {
        "promotion": "en total",
        "code": "por código",
        "customer": "por cliente",
        "device": "por dispositivo",
        "card": "por tarjeta",
        "location": "por establecimiento",
    },
}
_PERIODS: dict[Lang, dict[LimitPeriod, str]] = {
    "en": {"ever": "", "day": " a day", "week": " a week", "month": " a month"},
    "es": {"ever": "", "day": " al día", "week": " a la semana", "month": " al mes"},
}
_STACKING: dict[Lang, dict[Stacking, str]] = {
    "en": {
        "combinable": "It can be used together with other codes that allow it.",
        "exclusive": "It cannot be used together with other codes.",
        "best_only": "Of several codes like it only the best one counts.",
    },
    "es": {
        "combinable": "Se puede usar junto con otros códigos que lo permitan.",
        "exclusive": "No se puede usar junto con otros códigos.",
        "best_only": "De varios códigos como este solo cuenta el mejor.",
    },
}
_STATUS: dict[Lang, dict[str, str]] = {
    "en": {"paused": "It is paused at present.", "retired": "It has ended for good."},
    "es": {"paused": "Está en pausa en este momento.", "retired": "Ha terminado definitivamente."},
}


def title(promotion: Promotion, lang: Lang) -> str:
    name = promotion.promotion_id
    return f"Condiciones de {name}" if lang == "es" else f"Terms of {name}"


def sentences(promotion: Promotion, lang: Lang, reader: Reader) -> list[str]:
    """In the order in which a customer would ask: what, when, for whom, on what, how often."""
    pays = promotion.voucher_class in MEANS_OF_PAYMENT
    parts = _PARTS_OF_VALUE if pays else _PARTS
    if reader == "staff":
        parts = (*parts, _shops) if pays else (*parts, _for_staff, _shops)
    return [sentence for part in parts for sentence in part(promotion, lang)]


def _paying(_promotion: Promotion, lang: Lang) -> Iterator[str]:
    yield (
        "Es un medio de pago: no descuenta nada, y paga hasta lo que quede de su valor."
        if lang == "es"
        else "It is a means of payment: it takes nothing off, and pays what is left of its value."
    )


def _given(promotion: Promotion, lang: Lang) -> Iterator[str]:
    es, benefit, currency = lang == "es", promotion.benefit, promotion.currency or ""
    if benefit is None:
        yield "El descuento lo decide la tienda." if es else "The shop decides what it gives."
    elif benefit.kind == "percent":
        said = percent(benefit.percent, lang)
        yield f"Da un {said} de descuento." if es else f"It takes {said} off."
    elif benefit.kind == "amount":
        said = amount(benefit.amount_minor, currency, lang)
        yield f"Da {said} de descuento." if es else f"It takes {said} off."
    elif benefit.kind == "free_item":
        yield (
            f"Una unidad de {benefit.sku} es gratis."
            if es
            else f"One unit of {benefit.sku} is free."
        )
    else:
        yield "El envío es gratis." if es else "Delivery is free."
    if promotion.cap_discount_at_minor is not None:
        most = amount(promotion.cap_discount_at_minor, currency, lang)
        yield f"El descuento es de {most} como máximo." if es else f"It gives {most} at most."


def _window(promotion: Promotion, lang: Lang) -> Iterator[str]:
    es = lang == "es"
    first, last = on(promotion.starts_on, lang), on(promotion.ends_on, lang)
    if promotion.starts_on == promotion.ends_on:
        yield f"Solo es válido el {first}." if es else f"It is valid on {first} only."
    elif es:
        yield f"Es válido del {first} al {last}, ambos incluidos."
    else:
        yield f"It is valid from {first} to {last}, both days included."
    if promotion.status != "active":
        yield _STATUS[lang][promotion.status]


def _times(promotion: Promotion, lang: Lang) -> Iterator[str]:
    es = lang == "es"
    if promotion.weekdays:
        said = weekdays(promotion.weekdays, lang)
        yield f"Solo es válido los {said}." if es else f"It is valid on {said} only."
    if promotion.hours:
        word, between = ("a", "de") if es else ("and", "between")
        said = listed(
            [
                f"{between} {each.opens:%H:%M} {word} {each.closes:%H:%M}"
                for each in promotion.hours
            ],
            lang,
        )
        yield (
            f"Solo es válido {said}, hora local."
            if es
            else f"It is valid {said} only, in local time."
        )


def _whom(promotion: Promotion, lang: Lang) -> Iterator[str]:
    audience: Audience = promotion.audience
    if audience.kind != "anyone":
        yield _FOR[lang][audience.kind].format(days(audience.days, lang))


def _where(promotion: Promotion, lang: Lang) -> Iterator[str]:
    if promotion.places:
        count = len(promotion.places)
        yield (
            f"Solo es válido en {counted(count, 'establecimiento', 'establecimientos')}."
            if lang == "es"
            else f"It is valid at {counted(count, 'shop', 'shops')} only."
        )


def _currency(promotion: Promotion, lang: Lang) -> Iterator[str]:
    said = promotion.currency
    if said:
        yield f"Los importes son en {said}." if lang == "es" else f"Amounts are in {said}."


def _what(promotion: Promotion, lang: Lang) -> Iterator[str]:
    es, currency = lang == "es", promotion.currency or ""
    if promotion.minimum_spend_minor is not None:
        least = amount(promotion.minimum_spend_minor, currency, lang)
        yield (
            f"El pedido debe ser de {least} como mínimo antes de descuentos."
            if es
            else f"The order must be at least {least} before discounts."
        )
    if promotion.refuse_above_minor is not None:
        most = amount(promotion.refuse_above_minor, currency, lang)
        yield (
            f"No es válido para pedidos de más de {most}."
            if es
            else f"It is not valid for orders above {most}."
        )
    yield from _items(promotion, lang)


def _items(promotion: Promotion, lang: Lang) -> Iterator[str]:
    es = lang == "es"
    only, none = (
        ("Solo es válido para", "No es válido para")
        if es
        else ("It is valid only for", "It is not valid for")
    )
    articles, categories = (
        ("los artículos", "las categorías") if es else ("the articles", "the categories")
    )
    for said, kind, names in (
        (only, articles, promotion.include_skus),
        (only, categories, promotion.include_categories),
        (none, articles, promotion.exclude_skus),
        (none, categories, promotion.exclude_categories),
    ):
        if names:
            yield f"{said} {kind} {listed(sorted(names), lang)}."
    if promotion.low_stock_below is not None:
        least = promotion.low_stock_below
        yield (
            f"{none} artículos de los que queden menos de {least}."
            if es
            else f"{none} articles of which fewer than {least} are left."
        )


def _how_often(promotion: Promotion, lang: Lang) -> Iterator[str]:
    es = lang == "es"
    for term in terms_of(promotion):
        yield _limit(term, lang)
    if promotion.budget_minor is not None:
        most = amount(promotion.budget_minor, promotion.currency or "", lang)
        yield (
            f"Termina cuando se hayan dado {most} en total."
            if es
            else f"It ends when {most} have been given in all."
        )
    yield _STACKING[lang][promotion.stacking]
    if promotion.requires_reservation:
        yield "Hay que reservarlo antes de usarlo." if es else "It must be reserved before its use."
    yield from _holding(promotion, lang)
    kept = promotion.on_rollback == "keep"
    if es:
        yield f"Si se anula el pedido, el uso {'no ' if kept else ''}se devuelve."
    else:
        yield f"If the order is called off, the use is {'not ' if kept else ''}given back."


def _holding(promotion: Promotion, lang: Lang) -> Iterator[str]:
    held = promotion.hold_minutes
    yield (
        f"Una reserva dura {counted(held, 'minuto', 'minutos')}."
        if lang == "es"
        else f"A reservation lasts {counted(held, 'minute', 'minutes')}."
    )


def _limit(term: LimitTerm, lang: Lang) -> str:
    scope, period = _SCOPES[lang][term.scope], _PERIODS[lang][term.period]
    if lang == "es":
        return f"Como máximo {counted(term.most, 'uso', 'usos')} {scope}{period}."
    return f"At most {counted(term.most, 'use', 'uses')} {scope}{period}."


def _for_staff(promotion: Promotion, lang: Lang) -> Iterator[str]:
    """What it is to bring in, and what a till is held against."""
    es, currency = lang == "es", promotion.currency or ""
    if promotion.revenue_goal_minor is not None:
        goal = amount(promotion.revenue_goal_minor, currency, lang)
        yield (
            f"Termina cuando sus pedidos hayan aportado {goal}."
            if es
            else f"It ends when its orders have brought in {goal}."
        )
    if promotion.max_discount_minor is not None:
        most = amount(promotion.max_discount_minor, currency, lang)
        yield (
            f"La caja puede descontar {most} como máximo."
            if es
            else f"The till may take {most} off at most."
        )
    if promotion.max_percent is not None:
        said = percent(Decimal(str(promotion.max_percent)), lang)
        yield (
            f"La caja puede descontar un {said} del pedido como máximo."
            if es
            else f"The till may take {said} of the order off at most."
        )


def _shops(promotion: Promotion, lang: Lang) -> Iterator[str]:
    if promotion.places:
        names = listed(sorted(promotion.places), lang)
        yield f"Establecimientos: {names}." if lang == "es" else f"Shops: {names}."


_Part = Callable[[Promotion, Lang], Iterator[str]]
_PARTS: tuple[_Part, ...] = (
    _given,
    _window,
    _times,
    _whom,
    _where,
    _currency,
    _what,
    _how_often,
)
# All other terms are those of a discount.
_PARTS_OF_VALUE: tuple[_Part, ...] = (_paying, _window, _where, _currency, _holding)
