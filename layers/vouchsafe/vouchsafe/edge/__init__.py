"""One module for each thing outside, and the only place that touches it."""

# Before any table is used: `session` gives all of PynamoDB's models the one client.
from vouchsafe.edge import session as session
