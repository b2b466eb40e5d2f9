"""Lambda: happenings -> a Slack channel."""

from vouchsafe.flow.deliver import deliver

from .message import message

# destinations/slack.md, 4: about one message a second for each channel.
handle = deliver("slack", message, calls_a_second=1.0)
