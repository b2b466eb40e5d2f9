"""Lambda: takes the orders that our API was told."""

from vouchsafe.flow.hear import hear

from .read import read_document

handle = hear("direct", read_document)
