"""Lambda: reads the X-Series' parked deliveries and documents again."""

from vouchsafe.flow.replay import replay

from .notices import notices
from .read import read_document

handle = replay("vend", notices, read_document)
