"""`python -m local.source`: writes every room's block of template.yaml, from the room's files."""

import sys

from local.source.rooms import rooms
from local.source.template import write


def main() -> int:
    found = rooms()
    changed = write(found)
    print(f"template.yaml: {len(found)} platforms, {'written' if changed else 'as it was'}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
