"""Drives parked touchpoints again."""

from vouchsafe.flow.record_touched import record_touched
from vouchsafe.flow.replay import replay

from .read import read

handle = replay("touchpoints", read, None, record=record_touched)
