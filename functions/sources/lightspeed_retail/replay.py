"""Reads sales of the R-Series again that could not be read."""

from vouchsafe.flow.replay import replay

from .read import read_document

handle = replay("lightspeed_retail", None, read_document)
