"""Lambda: reads Upserve's parked checks again, as of when they were seen."""

from vouchsafe.flow.record_changed import record_changed
from vouchsafe.flow.replay import replay

from .read import read_document

handle = replay("upserve", None, read_document, record_changed)
