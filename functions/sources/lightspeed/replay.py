"""Drives parked notifications and sales of the K-Series again."""

from vouchsafe.flow.replay import replay

from .read import read, read_document

handle = replay("lightspeed", read, read_document)
