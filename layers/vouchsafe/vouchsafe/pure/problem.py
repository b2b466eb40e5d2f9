"""What went wrong with a call, as problem details (RFC 9457, July 2023)."""

from dataclasses import dataclass

CONTENT_TYPE = "application/problem+json"
# RFC 9110; the only ones that are answered.
TITLES = {
    400: "Bad Request",
    401: "Unauthorized",
    403: "Forbidden",
    404: "Not Found",
    405: "Method Not Allowed",
    409: "Conflict",
    412: "Precondition Failed",
    413: "Content Too Large",
    422: "Unprocessable Content",
    428: "Precondition Required",
    429: "Too Many Requests",
    503: "Service Unavailable",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Problem:
    """`field` and `rule` name what the caller can mend; `retry_after_s` when it may ask again."""

    status: int
    detail: str
    field: str = ""
    rule: str = ""
    retry_after_s: int = 0

    def body(self) -> dict[str, object]:
        """As it is answered; `type` is left out, which says `about:blank`."""
        said: dict[str, object] = {
            "title": TITLES[self.status],
            "status": self.status,
            "detail": self.detail,
        }
        named = {"field": self.field, "rule": self.rule}
        return said | {name: value for name, value in named.items() if value}
