"""The door of touchpoints: calls of a shop's server, and beacons of its pages."""

from vouchsafe.flow.record_touched import record_touched
from vouchsafe.flow.webhook import webhook

from .read import read
from .verify import verify

handle = webhook("touchpoints", verify, read, record=record_touched)
