"""What each alarm is called, and what to do about it in one breath; the runbook says the rest."""

TITLES = {
    "spike": "code used far more than usual",
    "code_not_found": "unknown code honoured",
    "code_disabled": "code honoured that was switched off",
    "expired": "expired code honoured",
    "not_yet_active": "code honoured before its first day",
    "usage_limit_reached": "code used beyond its limit",
    "customer_limit_reached": "customer beyond the limit",
    "not_combinable": "codes combined that must not be",
    "terms_not_met.places": "code honoured in the wrong place",
    "terms_not_met.minimum_spend": "code honoured below its minimum spend",
    "terms_not_met.max_discount": "discount deeper than the terms",
    "terms_not_met.max_percent": "discount deeper than the terms",
    "terms_not_met.voucher_class": "means of payment taken off as a discount",
}

ADVICE = {
    "spike": "Look for the code on coupon sites and in chats. If it leaked, cap or retire it.",
    "code_not_found": "Ask the place who made this code. Register it, or have it deleted there.",
    "code_disabled": "Have the code switched off where it was honoured: here it is off already.",
    "expired": "Have the code switched off where it was honoured, or extend the promotion.",
    "not_yet_active": "Have the code held back where it was honoured, or start the promotion.",
    "usage_limit_reached": "Have the limit set at the till, or raise it in the register.",
    "customer_limit_reached": "Look at the orders together before you speak to anybody.",
    "not_combinable": "Have the combination refused at the till, or allow it in the terms.",
    "terms_not_met.places": "Have the code switched off there, or add the place to the terms.",
    "terms_not_met.minimum_spend": "Have the minimum set at the till, or change the terms.",
    "terms_not_met.max_discount": "Compare the till's discount with the terms, and mend one.",
    "terms_not_met.max_percent": "Compare the till's discount with the terms, and mend one.",
    "terms_not_met.voucher_class": "Have the till take it as a payment: as a discount it cuts the"
    " tax that is due. Withdraw from its value what was given.",
}
