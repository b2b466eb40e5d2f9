"""Lists the reports and fetches one: `make download`, `make download ID=workbooks/...`.

Signs in as a person of the stack's user pool and speaks to the API only, as any client of finance
would.
"""

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path
from urllib.parse import quote, urlencode
from urllib.request import urlopen

from console import stack
from console.signing_in import Api, NotAnswered


def main(arguments: Sequence[str]) -> int:
    """0 where it is listed or fetched; 1 where the sign-in or the report was refused."""
    parser = argparse.ArgumentParser(prog="make download", description=__doc__)
    parser.add_argument("id", nargs="?", help="a report's id, as the list shows it")
    parser.add_argument("--prefix", default="", help="list only what begins so")
    parser.add_argument("--to", type=Path, help="where to put it; its own name by default")
    asked = parser.parse_args(arguments)
    outputs = stack.connected()
    try:
        api = Api(outputs)
        return _fetched(api, asked.id, asked.to) if asked.id else _listed(api, asked.prefix)
    except NotAnswered as reason:
        print(reason, file=sys.stderr)
        return 1


def _listed(api: Api, prefix: str) -> int:
    after: str | None = None
    while True:
        asked = {"prefix": prefix, "limit": "200"} | ({"after": after} if after else {})
        page = api.get(f"/reports?{urlencode(asked)}")
        for each in page["reports"]:
            print(f"{each['bytes']:>12,} {each['written_at']} {each['id']}")
        after = page["after"]
        if after is None:
            return 0


def _fetched(api: Api, report: str, to: Path | None) -> int:
    found = api.get(f"/reports/{quote(report)}")
    path = to or Path(Path(report).name)
    with urlopen(found["url"], timeout=120) as answer:  # noqa: S310 (the link just given)
        path.write_bytes(answer.read())
    print(f"{path} ({path.stat().st_size:,} bytes)")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
