"""Lambda: Revel's door."""

from vouchsafe.flow.webhook import webhook

from .read import read
from .verify import verify

handle = webhook("revel", verify, read)
