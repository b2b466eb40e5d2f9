"""Lambda: reads Simphony's parked notifications and checks again."""

from vouchsafe.flow.replay import replay

from .notices import notices
from .read import read_document

handle = replay("micros", notices, read_document)
