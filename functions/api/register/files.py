"""A draft's rows as the files that they would be: what checks and loads read."""

import json

from vouchsafe.pure.proposal import Rows


def files_of(rows: Rows) -> list[tuple[str, bytes]]:
    """The rows as files of `make load`, each row on the line of its number."""
    return [
        (f"{kind}.json", f"[{lines}]".encode())
        for kind, of_kind in rows.items()
        if (lines := ",\n".join(map(json.dumps, of_kind)))
    ]
