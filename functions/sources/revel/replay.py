"""Lambda: reads Revel's parked deliveries and documents again."""

from vouchsafe.flow.replay import replay

from .read import read, read_document

handle = replay("revel", read, read_document)
