"""Routes: accounts and what their tills' discounts stand for."""

from functions.api.register import account_words, accounts
from vouchsafe.pure.asking import Route

ROUTES = (
    Route(
        method="GET",
        path="/register/accounts",
        name="listAccounts",
        summary="Lists all accounts.",
        right="read",
        handle=accounts.every,
        answers=account_words.AccountsTold,
    ),
    Route(
        method="GET",
        path="/register/accounts/{platform}/{account}",
        name="readAccount",
        summary="Reads an account, its places and its history.",
        right="read",
        handle=accounts.one,
        answers=account_words.AccountTold,
    ),
    Route(
        method="GET",
        path="/register/accounts/{platform}/{account}/aliases/{alias}",
        name="readAlias",
        summary="Reads what a till's discount stands for, and its history.",
        right="read",
        handle=accounts.alias,
        answers=account_words.AliasTold,
    ),
)
