"""AWS errors in our words: try again later, or never."""

from collections.abc import Iterator
from contextlib import contextmanager

from botocore.exceptions import BotoCoreError, ClientError
from pynamodb.exceptions import PynamoDBException

from vouchsafe.pure.errors import Refused, Unavailable

# What no repetition can mend; all else may be a throttle, a time-out or an unknown outcome.
_PERMANENT = frozenset(
    {
        "AccessDeniedException",
        "AccessDenied",
        "ItemCollectionSizeLimitExceededException",
        "NoSuchBucket",
        "NoSuchKey",
        "ResourceNotFoundException",
        "ValidationException",
    }
)


@contextmanager
def translated(what: str) -> Iterator[None]:
    """Raises Unavailable for what may go better later, Refused for what cannot."""
    try:
        yield
    except PynamoDBException as error:
        raise _named(what, code_of(error)) from error
    except ClientError as error:
        raise _named(what, error.response["Error"]["Code"]) from error
    except BotoCoreError as error:
        raise _named(what, type(error).__name__) from error


def code_of(error: PynamoDBException) -> str | None:
    """DynamoDB's code for a refusal; None where it gave no answer.

    PynamoDB's own `cause_response_code` breaks on a time-out, whose cause has `response = None`.
    """
    response = getattr(error.cause, "response", None)
    return response["Error"]["Code"] if response else None


def _named(what: str, code: str | None) -> Refused | Unavailable:
    kind = Refused if code in _PERMANENT else Unavailable
    return kind(f"{what}: {code or 'no answer'}")
