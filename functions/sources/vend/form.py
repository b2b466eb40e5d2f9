"""The form that a webhook of the X-Series posts: its document is the field `payload`."""

from collections.abc import Mapping
from urllib.parse import parse_qsl


def fields(body: bytes) -> Mapping[str, str]:
    """The form's fields; of one that stands twice, the first."""
    pairs = parse_qsl(body.decode("utf-8", "replace"), keep_blank_values=True)
    return dict(reversed(pairs))
