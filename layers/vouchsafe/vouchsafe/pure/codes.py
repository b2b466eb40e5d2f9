"""One canonical form for every code, so that case, spaces and look-alikes never make two."""

import unicodedata

# Look-alikes fold to the form that a person would type: letters of other scripts that are drawn
# like Latin ones (Unicode TR39 confusables, the capitals only), then O/0 and I/L/1.
_CONFUSABLES = str.maketrans(
    "АВЕЅІЈКМНОРСТУХΑΒΕΖΗΙΚΜΝΟΡΤΥΧ0IL",
    "ABES1JKMHOPCTYXABEZH1KMNOPTYXO11",
)
_LONGEST = 255


def canonical(raw: str) -> str:
    """The form that is compared and stored as key; the empty string where nothing is left.

    NFKC, case folded, everything that is not a letter or digit of any script dropped (spaces,
    dashes, marks, emoji, controls), then look-alikes folded. Cut at 255 characters.
    """
    folded = unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", raw).casefold()).upper()
    bare = "".join(char for char in folded if char.isalnum())
    return bare.translate(_CONFUSABLES)[:_LONGEST]


def folded(name: str) -> str:
    """A till's name for a discount, as names are compared: NFKC, case and spaces folded.

    Unlike in a code its signs stay, for `10% off` and `$10 off` are two discounts.
    """
    alike = unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", name).casefold())
    return " ".join(alike.split())[:_LONGEST]


def alias_key(alias: str) -> str:
    """An alias as the register keeps it: `name:` with its name folded, all others to the letter."""
    kind, colon, name = alias.strip().partition(":")
    return f"name:{folded(name)}" if kind == "name" and colon else alias.strip()
