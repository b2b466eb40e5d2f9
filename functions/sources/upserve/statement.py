"""Lambda: asks Upserve for its own list of a business day."""

from vouchsafe.flow.statement import statement

from . import api
from .read import read_document

handle = statement("upserve", api.list_orders, read_document, api.CALLS_A_SECOND)
