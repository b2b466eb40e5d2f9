"""Drives parked deliveries, rows and vouchers of Salesforce again."""

from vouchsafe.flow.record_touched import record_touched
from vouchsafe.flow.replay import replay

from .read import read, read_document

handle = replay("salesforce", read, read_document, record=record_touched)
