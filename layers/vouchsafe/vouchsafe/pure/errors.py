"""What can go wrong, drawn by what the caller should do about it.

VouchsafeError
├── Forged              not from whom it says: answer 401, keep nothing
├── Unreadable          genuine, but we cannot read it: park the bytes, tell a person
│   └── Faulty          the sender is a user of ours, and can mend it: answer 400, keep nothing
├── Unavailable         not now: try again later, or park
│   └── Throttled       not now, and the other side said when
├── Refused             the other side will never take this: stop, tell a person
├── Invalid             a caller's input breaks a rule: name the field and the rule
├── Absent              what a caller names is not there: 404
├── Conflict            what stands there is not what the caller thinks: 409, look and ask again
└── Forbidden           a known caller may not do that: 403
"""


class VouchsafeError(Exception):
    """Root of the tree; never raised itself."""


class Forged(VouchsafeError):
    """The sender could not prove who it is."""


class Unreadable(VouchsafeError):
    """A genuine document that breaks our reading; `path` is where, `rule` is what was expected."""

    def __init__(self, path: str, rule: str) -> None:
        super().__init__(f"{path} {rule}")
        self.path = path
        self.rule = rule


class Faulty(Unreadable):
    """A document of a user of ours that breaks a rule: the answer names the field and the rule."""


class Unavailable(VouchsafeError):
    """A service did not answer, was overloaded, or its answer was lost: the outcome is unknown."""


class Throttled(Unavailable):
    """The other side asks for patience; `retry_after_s` is how long, in seconds."""

    def __init__(self, message: str, retry_after_s: float) -> None:
        super().__init__(message)
        self.retry_after_s = retry_after_s


class Refused(VouchsafeError):
    """A permanent no from the other side: repeating the same request cannot help.

    `status` is HTTP's and `code` the other side's own word for it, where it gave one.
    """

    def __init__(self, message: str, *, status: int = 0, code: str = "") -> None:
        super().__init__(message)
        self.status = status
        self.code = code


class Invalid(VouchsafeError):
    """Input of a person breaks a rule; `field` and `rule` are shown to that person."""

    def __init__(self, field: str, rule: str) -> None:
        super().__init__(f"{field} {rule}")
        self.field = field
        self.rule = rule


class Absent(VouchsafeError):
    """What a caller names is not there; `what` names it."""

    def __init__(self, what: str) -> None:
        super().__init__(f"there is no {what}")


class Conflict(VouchsafeError):
    """Somebody was faster, or it is past that; the message says what stands there now."""


class Forbidden(VouchsafeError):
    """A known caller has not the right; the message names it."""
