"""Lambda: Clover's door."""

from vouchsafe.flow.webhook import webhook

from .notices import notices
from .verify import verify

handle = webhook("clover", verify, notices)
