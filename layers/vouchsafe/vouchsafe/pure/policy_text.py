"""The claims policy in plain words, written from the very rules that are enforced."""

from vouchsafe.pure.plain_words import Lang, Reader, days
from vouchsafe.pure.policy import By, Policy, Rule, Signal, Step

# One of it, and several.
_SIGNALS: dict[Lang, dict[Signal, tuple[str, str]]] = {
    "en": {
        "claims": ("use of a code", "uses of codes"),
        "limit_refusals": (
            "attempt to use a code beyond its limit",
            "attempts to use codes beyond their limits",
        ),
        "rollbacks": (
            "cancellation or full return of an order on which a code was used",
            "cancellations or full returns of orders on which a code was used",
        ),
        "guesses": (
            "attempt with a code that does not exist or was not given to the customer",
            "attempts with codes that do not exist or were not given to the customer",
        ),
    },
    "es": {
        "claims": ("uso de un código", "usos de códigos"),
        "limit_refusals": (
            "intento de usar un código por encima de su límite",
            "intentos de usar códigos por encima de su límite",
        ),
        "rollbacks": (
            "anulación o devolución completa de un pedido en el que se usó un código",
            "anulaciones o devoluciones completas de pedidos en los que se usó un código",
        ),
        "guesses": (
            "intento con un código que no existe o que no se entregó al cliente",
            "intentos con códigos que no existen o que no se entregaron al cliente",
        ),
    },
}
_BYS: dict[Lang, dict[By, str]] = {
    "en": {"customer": "by one customer", "device": "from one device", "card": "with one card"},
    "es": {
        "customer": "por parte de un mismo cliente",
        "device": "desde un mismo dispositivo",
        "card": "con una misma tarjeta",
    },
}
_UP_TO: dict[Lang, dict[Step, str]] = {
    "en": {
        "flag": "Beyond that we take note of it, and nothing else follows.",
        "block_code": "Beyond that the next measure follows, at most the blocking of codes.",
        "exclude": "Beyond that the next measure follows, at most the exclusion.",
    },
    "es": {
        "flag": "Si se supera, tomamos nota y no ocurre nada más.",
        "block_code": "Si se supera, se aplica la medida siguiente, como máximo el bloqueo de "
        "códigos.",
        "exclude": "Si se supera, se aplica la medida siguiente, como máximo la exclusión.",
    },
}
_STEPS: dict[Lang, dict[Step, str]] = {
    "en": {
        "flag": "The first measure is a note for {}: codes can be used as before.",
        "block_code": "The next is a block for {}: the codes that were used cannot be used again "
        "by that customer.",
        "exclude": "The last is an exclusion for {}: no code can be used by that customer.",
    },
    "es": {
        "flag": "La primera medida es una anotación durante {}: los códigos se pueden seguir "
        "usando.",
        "block_code": "La siguiente es un bloqueo durante {}: ese cliente no puede volver a usar "
        "los códigos que usó.",
        "exclude": "La última es una exclusión durante {}: ese cliente no puede usar ningún "
        "código.",
    },
}
_MEMORY: dict[Lang, str] = {
    "en": "A breach is remembered for {}: another one within that time leads one measure further, "
    "and never more than one.",
    "es": "Un incumplimiento se recuerda durante {}: otro dentro de ese plazo lleva a la medida "
    "siguiente, y nunca más allá.",
}
_KEPT: dict[Lang, str] = {
    "en": "What was reserved before a measure can still be used.",
    "es": "Lo que se reservó antes de una medida se puede seguir usando.",
}
_APPEAL: dict[Lang, dict[Reader, str]] = {
    "en": {
        "customers": "You can appeal to the shop's staff: a person who did not impose the measure "
        "decides whether it stays or is lifted.",
        "staff": "Write an appeal down without saying whom it is about; an approver who did not "
        "impose the measure decides whether it stays or is lifted.",
    },
    "es": {
        "customers": "Puedes reclamar ante el personal de la tienda: una persona que no impuso la "
        "medida decide si se mantiene o se levanta.",
        "staff": "Anota la reclamación sin decir de quién se trata; un responsable que no impuso "
        "la medida decide si se mantiene o se levanta.",
    },
}
_AT_THE_DESK: dict[Lang, tuple[str, ...]] = {
    "en": (
        "A note is shown with the answer to a code: serve the customer as usual.",
        "A code that is held back is refused as terms_not_met, with claims_policy as the term and "
        "the day on which it ends.",
    ),
    "es": (
        "Una anotación aparece en la respuesta a un código: atiende al cliente como siempre.",
        "Un código retenido se rechaza con terms_not_met, con claims_policy como condición y el "
        "día en que termina.",
    ),
}
_TITLES: dict[Lang, str] = {
    "en": "Rules for the use of codes",
    "es": "Normas de uso de los códigos",
}


def title(lang: Lang) -> str:
    return _TITLES[lang]


def sentences(policy: Policy, lang: Lang, reader: Reader) -> list[str]:
    """First a sentence for each rule, then what follows from a breach, and what can be said
    against it."""
    found = [of_rule(rule, lang) for rule in policy.rules]
    found += [text.format(days(policy.days_of(step), lang)) for step, text in _STEPS[lang].items()]
    found += [_MEMORY[lang].format(days(policy.memory_days, lang)), _KEPT[lang]]
    if reader == "staff":
        found += _AT_THE_DESK[lang]
    return [*found, _APPEAL[lang][reader]]


def of_rule(rule: Rule, lang: Lang) -> str:
    """What is allowed, and how far a breach of it leads."""
    one, many = _SIGNALS[lang][rule.signal]
    what, by = one if rule.most == 1 else many, _BYS[lang][rule.by]
    within, beyond = days(rule.days, lang), _UP_TO[lang][rule.up_to]
    if lang == "es":
        allowed = "No se admite" if rule.most == 1 else "No se admiten"
        return f"{allowed} más de {rule.most} {what} {by} en un plazo de {within}. {beyond}"
    allowed = "is allowed" if rule.most == 1 else "are allowed"
    return f"No more than {rule.most} {what} {by} {allowed} within {within}. {beyond}"
