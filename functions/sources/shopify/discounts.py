"""Which discounts stand on a Shopify bill, and what each took off which line, to the cent."""

from collections.abc import Iterator, Mapping
from dataclasses import replace

from pydantic import AliasChoices, AliasPath, Field

from vouchsafe.pure.codes import alias_key, folded
from vouchsafe.pure.errors import Unreadable
from vouchsafe.pure.facts import Discount, DiscountKind
from vouchsafe.pure.parsing import Narrow

from .words import Amount, Text, Word, shop_money

# The webhook's `type`, and the API's `__typename`.
_KINDS: Mapping[str, DiscountKind] = {
    "discount_code": "code",
    "discountcodeapplication": "code",
    "automatic": "automatic",
    "automaticdiscountapplication": "automatic",
    "script": "automatic",
    "scriptdiscountapplication": "automatic",
    "manual": "manual",
    "manualdiscountapplication": "manual",
}
# Texts of the merchant as part of a key: long enough to tell them apart, short enough for a key.
_LONGEST = 80


class Application(Narrow):
    """One discount of the bill; `index` only where the list need not be the whole of it."""

    type: Word
    code: Text | None = None
    title: Text | None = None
    description: Text | None = None
    index: int | None = None

    @property
    def kind(self) -> DiscountKind | None:
        return _KINDS.get(self.type)


class Allocation(Narrow):
    """What one discount took off one line. Only the API names the application here as well."""

    amount: Amount = shop_money("amount")
    index: int = Field(
        validation_alias=AliasChoices(
            "discount_application_index", AliasPath("discount_application", "index")
        )
    )
    application: Application | None = Field(None, validation_alias="discount_application")


# By application: line ids, and what it took off each in minor units.
Taken = Mapping[int, Mapping[str, int]]


def named(
    listed: tuple[Application, ...], allocations: Iterator[Allocation]
) -> dict[int, Application]:
    """Applications by index. One that only an allocation knows (an order edit's) is kept too; of
    an index that nobody explains we know that it is no code: those are always listed."""
    found = {at if each.index is None else each.index: each for at, each in enumerate(listed)}
    for each in allocations:
        found.setdefault(each.index, each.application or Application(type="manual"))
    return dict(sorted(found.items()))


def discounts_said(applications: Mapping[int, Application], taken: Taken) -> list[Discount]:
    """One discount for each application. Raises Unreadable.

    A code stands even where it took nothing off; anything else then is no discount.
    """
    said = []
    for index, application in applications.items():
        shares = tuple((line, minor) for line, minor in taken.get(index, {}).items() if minor)
        if shares or application.kind == "code":
            said.append(_discount(index, application, shares))
    return _told_apart(said)


def unexplained(
    listed: tuple[str, ...], applications: Mapping[int, Application], left_minor: int
) -> list[Discount]:
    """What `discount_codes` lists and no application bears out, case aside.

    A draft order's manual discount stands there under its title, so that such an entry is never
    taken for a code; it is kept under its name, with the part of the total that nothing explains.
    """
    known = {folded(text) for each in applications.values() for text in _texts(each)}
    strangers = [(at, text) for at, text in enumerate(listed) if folded(text) not in known]
    return _told_apart(
        [
            Discount(
                discount_id=f"listed:{text[:_LONGEST]}",
                kind="manual",
                amount_minor=0 if rank else left_minor,
                where=f"discount_codes[{at}].code",
                aliases=(alias_key(f"name:{text}"),),
                name=text,
            )
            for rank, (at, text) in enumerate(strangers)
        ]
    )


def _discount(
    index: int, application: Application, shares: tuple[tuple[str, int], ...]
) -> Discount:
    where = f"discount_applications[{index}]"
    if application.kind is None:
        raise Unreadable(f"{where}.type", "is a kind of discount that we do not know")
    if application.kind == "code" and not application.code:
        raise Unreadable(f"{where}.code", "is missing")
    name = application.code or application.title or application.description or ""
    is_code = application.kind == "code"
    return Discount(
        discount_id=f"{application.kind}:{name[:_LONGEST]}",
        kind=application.kind,
        amount_minor=sum(minor for _, minor in shares),
        where=f"{where}.code" if is_code else where,
        code_raw=name if is_code else None,
        aliases=() if is_code or not name else (alias_key(f"name:{name}"),),
        name=None if is_code else name or None,
        shares=shares,
    )


def _told_apart(discounts: list[Discount]) -> list[Discount]:
    """A position is no name: it moves when a discount before it goes. The same text again, as with
    automatic discounts that Shopify lists once for each line, is counted on."""
    seen: dict[str, int] = {}
    apart = []
    for each in discounts:
        seen[each.discount_id] = again = seen.get(each.discount_id, 0) + 1
        own = f"{each.discount_id}:{again}"
        apart.append(each if again == 1 else replace(each, discount_id=own))
    return apart


def _texts(application: Application) -> Iterator[str]:
    yield from (
        text for text in (application.code, application.title, application.description) if text
    )
