"""Lambda: reads Square's parked deliveries and documents again."""

from vouchsafe.flow.replay import replay

from .notices import notices
from .read import read_document

handle = replay("square", notices, read_document)
