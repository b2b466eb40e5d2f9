"""Prints an access token for the API: `TOKEN=$(make -s token)`."""

import sys

from console import signing_in, stack


def main() -> int:
    """0, or 1 where the sign-in was refused. With `--url` it prints where the API answers."""
    outputs = stack.connected()
    if "--url" in sys.argv[1:]:
        print(signing_in.address(outputs))
        return 0
    try:
        print(signing_in.token(outputs["PeopleClient"]))
    except signing_in.NotAnswered as reason:
        print(reason, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
