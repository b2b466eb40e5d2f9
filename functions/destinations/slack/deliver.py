"""Lambda: happenings -> a Slack channel."""

from vouchsafe.flow.deliver import Ladder, deliver

from .ladder import accounts, as_due, next_of
from .message import message

# destinations/slack.md, 4: about one message a second for each channel.
handle = deliver(
    "slack",
    message,
    calls_a_second=1.0,
    ladder=Ladder(as_due=as_due, next_of=next_of, accounts=accounts),
)
