"""Reads reports and rows of Google Analytics again that could not be read."""

from vouchsafe.flow.record_sighted import record_sighted
from vouchsafe.flow.replay import replay

from .read import read_document

handle = replay("google_analytics", None, read_document, record=record_sighted)
