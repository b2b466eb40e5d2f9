"""Lambda: reads Clover's parked deliveries and documents again."""

from vouchsafe.flow.replay import replay

from .notices import notices
from .read import read_document

handle = replay("clover", notices, read_document)
