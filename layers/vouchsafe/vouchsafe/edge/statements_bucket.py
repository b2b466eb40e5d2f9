"""The tills' own lists, one object for each account and business day; written by statements."""

import gzip
from collections.abc import Iterable, Iterator

from vouchsafe.edge.outage import translated
from vouchsafe.edge.session import client
from vouchsafe.edge.settings import setting
from vouchsafe.pure import codec
from vouchsafe.pure.statement import Scope, StatementRow


def put(scope: Scope, rows: Iterable[StatementRow]) -> str:
    """Writes a till's list; the key it lies under. The same rows give the same bytes."""
    text = "".join(f"{codec.dumps(row)}\n" for row in sorted(rows, key=lambda row: row.order))
    body = gzip.compress(text.encode(), mtime=0)
    with translated("statements"):
        client("s3").put_object(Bucket=setting("STATEMENTS_BUCKET"), Key=scope.key(), Body=body)
    return scope.key()


def get(scope: Scope) -> Iterator[StatementRow]:
    """The rows of a till's list, by order key."""
    with translated("statements"):
        found = client("s3").get_object(Bucket=setting("STATEMENTS_BUCKET"), Key=scope.key())
        body = found["Body"].read()
    for line in gzip.decompress(body).splitlines():
        yield codec.loads(StatementRow, line)
