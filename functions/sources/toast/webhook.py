"""The door of Toast's deliveries."""

from vouchsafe.flow.webhook import webhook

from .read import read
from .verify import verify

handle = webhook("toast", verify, read)
