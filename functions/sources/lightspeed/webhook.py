"""The door of the K-Series' notifications."""

from vouchsafe.flow.webhook import webhook

from .read import read
from .verify import verify

handle = webhook("lightspeed", verify, read)
