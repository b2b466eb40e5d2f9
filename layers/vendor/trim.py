"""Takes out of the SDK's data what no client needs: other services, and the documentation.

Called by the Makefile: `trim.py DATA SERVICE ...`. A client looks through the folders of all
services before it finds its own, and four fifths of a description are prose.
"""

import gzip
import json
import shutil
import sys
from pathlib import Path
from typing import Any

_PROSE = ("documentation", "documentationUrl")
_UNUSED = ("examples-1.json", "completions-1.json")


def main(data: Path, services: list[str]) -> None:
    """Leaves the services' folders, their descriptions without prose and without compression."""
    for folder in (path for path in data.iterdir() if path.is_dir()):
        if folder.name not in services:
            shutil.rmtree(folder)
    for path in data.rglob("*.json*"):
        if path.name in _UNUSED:
            path.unlink()
        elif path.suffix == ".gz":
            told = json.loads(gzip.decompress(path.read_bytes()))
            path.with_suffix("").write_text(json.dumps(_bare(told), separators=(",", ":")))
            path.unlink()


def _bare(told: Any) -> Any:
    """The same without prose; a member of a shape may bear that name, and stays."""
    if isinstance(told, dict):
        return {
            name: _bare(value)
            for name, value in told.items()
            if not (name in _PROSE and isinstance(value, str))
        }
    return [_bare(each) for each in told] if isinstance(told, list) else told


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2:])
