"""`python -m local.source acme` makes the room of a new platform and its block of template.yaml.

Without a platform it writes every room's block anew, from the files of the rooms.
"""

import sys
from collections.abc import Sequence

from local.packages import ROOT
from local.source import new
from local.source.rooms import rooms
from local.source.template import write

NEXT = """
It speaks a made-up language, whole and tested. docs/adding_a_source.md says how it becomes
the vendor's: events first, then the door-plate, verify, read, api. Now and after each step:

    .venv/bin/pytest tests/sources/test_{platform}.py tests/sources/test_event_pairs.py
    make modules && make check && .venv/bin/pytest tests/house
"""


def main(arguments: Sequence[str]) -> int:
    """1 where the room cannot be made."""
    for platform in arguments[:1]:
        try:
            files = new.write(platform)
        except new.Refused as reason:
            print(reason, file=sys.stderr)
            return 1
        for path in files:
            print(path.relative_to(ROOT))
        print(NEXT.format(platform=platform))
    found = rooms()
    changed = write(found)
    print(f"template.yaml: {len(found)} platforms, {'written' if changed else 'as it was'}")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
