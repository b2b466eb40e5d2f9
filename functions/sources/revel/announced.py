"""What Revel's one webhook tells of: a bill when it closes, and nothing that comes later."""

from datetime import timedelta

from vouchsafe.pure.facts import Fact, OrderSaid

# A bill is written once more as it closes. What is written later (a tip, a return, a payment taken
# back) is not announced.
_CLOSING = timedelta(minutes=10)


def announced(fact: Fact) -> bool:
    """Whether `order.finalized` should have told it."""
    said = fact.body
    if not isinstance(said, OrderSaid) or said.confirmed_at is None or said.reversed_at:
        return False
    return said.total_minor >= 0 and said.updated_at - said.confirmed_at <= _CLOSING
