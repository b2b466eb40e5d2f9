"""Answers the handshake of a new callback, through the API as it wants it."""

from vouchsafe.flow.fetch import fetch
from vouchsafe.flow.record_touched import record_touched

from . import api
from .read import read_document

handle = fetch(
    "salesforce",
    api.fetch,
    read_document,
    api.CALLS_A_SECOND,
    sign_in=api.sign_in,
    record=record_touched,
)
