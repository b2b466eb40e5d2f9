"""The door of Marketing Cloud's Event Notification Service."""

from vouchsafe.flow.record_touched import record_touched
from vouchsafe.flow.webhook import webhook

from .read import read
from .verify import verify

handle = webhook("salesforce", verify, read, record=record_touched)
