"""Reads documents of SAP Business One again that could not be read."""

from vouchsafe.flow.replay import replay

from .read import read_document

handle = replay("sap_business_one", None, read_document)
