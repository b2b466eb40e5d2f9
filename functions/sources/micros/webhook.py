"""Lambda: Simphony's door."""

from vouchsafe.flow.webhook import webhook

from .notices import notices
from .verify import verify

handle = webhook("micros", verify, notices)
