"""What was seen of people? A server's rows in JSON or CSV, or a page's clicks and visits."""

from vouchsafe.pure.connection import Connection
from vouchsafe.pure.errors import Faulty, Unreadable
from vouchsafe.pure.hearing import Delivery, Heard
from vouchsafe.pure.identity import Identify

from .beacon import claims_of
from .document import from_csv, from_json, is_csv
from .rows import Terms, touchpoints

READER = 1


def read(delivery: Delivery, _connection: Connection, identify: Identify) -> Heard:
    """Every touchpoint of the delivery, or Faulty with all that is wrong with any of them."""
    try:
        return _heard(delivery, identify)
    except Unreadable as error:
        raise Faulty(error.path, error.rule) from None


def _heard(delivery: Delivery, identify: Identify) -> Heard:
    if is_csv(delivery):
        terms = Terms(delivery.received_at, identify)
        return Heard(event="csv", touchpoints=touchpoints(from_csv(delivery.body), terms))
    body = from_json(delivery.body)
    if body.token is None:
        terms = Terms(delivery.received_at, identify)
        return Heard(event="json", touchpoints=touchpoints(body, terms))
    terms = Terms(delivery.received_at, identify, claims_of(body.token).identity)
    return Heard(event="beacon", touchpoints=touchpoints(body, terms))
