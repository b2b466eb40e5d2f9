"""SNS: telling happenings to whoever listens."""

from vouchsafe.edge.outage import translated
from vouchsafe.edge.session import client
from vouchsafe.edge.settings import setting
from vouchsafe.pure.happening import Happening


def publish(happening: Happening) -> None:
    """Tells it once more, or for the first time; its id lets destinations drop a repeat.

    Raises Unavailable where the outcome is unknown.
    """
    name = {"DataType": "String", "StringValue": happening.happening}
    with translated("topic"):
        client("sns").publish(
            TopicArn=setting("HAPPENINGS_TOPIC_ARN"),
            Message=happening.text(),
            MessageAttributes={"happening": name},
        )
