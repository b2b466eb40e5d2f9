"""Drives parked deliveries and orders of Toast again."""

from vouchsafe.flow.replay import replay

from .read import read, read_document

handle = replay("toast", read, read_document)
