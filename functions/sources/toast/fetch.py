"""Asks for the guests of paid orders, whom Toast's webhooks leave out."""

from vouchsafe.flow.fetch import fetch

from . import api
from .read import read_document

handle = fetch("toast", api.fetch, read_document, api.CALLS_A_SECOND, sign_in=api.sign_in)
