"""What is told of accounts and their tills' discounts, field by field."""

from collections.abc import Mapping

from vouchsafe.pure.asking import Said

from .words import RevisionTold


class AccountsTold(Said):
    """Every account, in the columns of its row."""

    accounts: list[Mapping[str, str]]
    register_revision: int


class AccountTold(Said):
    """An account and its places in the columns of their rows, and what the account said before."""

    row: Mapping[str, str]
    locations: list[Mapping[str, str]]
    history: list[RevisionTold]
    register_revision: int


class AliasTold(Said):
    """A till's discount in the columns of its row, and what it stood for before."""

    row: Mapping[str, str]
    history: list[RevisionTold]
    register_revision: int
