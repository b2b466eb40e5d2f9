"""Lambda: the X-Series' door."""

from vouchsafe.flow.webhook import webhook

from .notices import notices
from .verify import verify

handle = webhook("vend", verify, notices)
