"""One object of the bucket, read a piece at a time: by ranges, unpacked, cut at whole lines.

Source: Google, Cloud Storage JSON API v1 (objects get, transcoding of gzip), read 2026-11-20.
"""

import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from urllib.parse import quote, urlencode

from vouchsafe.pure.connection import Connection
from vouchsafe.pure.errors import Invalid, Unavailable
from vouchsafe.pure.pull import Request, Send

from .calls import headers
from .reports import BUCKET

# An option of a connection: the bucket's host.
EXPORT_URL = "export_url"
# How much is asked for at once; how much of a packed object is unpacked for a page.
A_PIECE = 8 * 1024 * 1024
UNPACKED = 32 * 1024 * 1024
_GZIP = zlib.MAX_WBITS | 16


@dataclass(frozen=True, slots=True, kw_only=True)
class Stored:
    """One generation of an object, and how far it was read: in the bytes of its lines."""

    name: str
    generation: str
    size: str
    packed: str = ""
    read: str = "0"


class Broken(Exception):
    """An object is not what its name says: what was wrong with it. Never leaves the room."""


def piece(send: Send, connection: Connection, stored: Stored) -> tuple[bytes, int | None]:
    """Whole lines from where it was read to, and to where it is read then; None at its end."""
    at = int(stored.read)
    if stored.packed:
        lines, more = _unpacked(_parts(send, connection, stored, 0), at)
    else:
        lines = next(_parts(send, connection, stored, at), b"")
        more = at + len(lines) < int(stored.size)
    if not more or not lines:
        return lines, None
    # A line longer than a piece is cut, and cannot be read: it is parked with what is around it.
    cut = lines.rfind(b"\n") + 1 or len(lines)
    return lines[:cut], at + cut


def _parts(send: Send, connection: Connection, stored: Stored, at: int) -> Iterator[bytes]:
    """The object's bytes from there on, as they are stored."""
    while at < int(stored.size):
        data = _got(send, connection, stored, at)
        if not data:
            raise Unavailable(f"{stored.name} ended before its end")
        yield data
        at += len(data)


def _got(send: Send, connection: Connection, stored: Stored, at: int) -> bytes:
    # Without `gzip` among what we accept, Google unpacks for us, and then knows no ranges.
    asked = {"range": f"bytes={at}-{at + A_PIECE - 1}", "accept-encoding": "gzip", "accept": "*/*"}
    which = urlencode({"alt": "media", "generation": stored.generation})
    url = f"{bucket(connection)}/o/{quote(stored.name, safe='')}?{which}"
    answer = send(Request(method="GET", url=url, headers=headers(connection, **asked)))
    return answer.body if answer.status == 206 else answer.body[at : at + A_PIECE]


def _unpacked(parts: Iterator[bytes], skip: int) -> tuple[bytes, bool]:
    """What is packed in these parts behind what was read before, up to a page of it; and whether
    there is more."""
    held = bytearray()
    for data in _inflated(parts):
        if skip >= len(data):
            skip -= len(data)
            continue
        held += data[skip:]
        skip = 0
        if len(held) >= UNPACKED:
            return bytes(held), True
    return bytes(held), False


def _inflated(parts: Iterator[bytes]) -> Iterator[bytes]:
    """The bytes of a gzip file, never more than a piece at once; it may have several members."""
    inflater = zlib.decompressobj(_GZIP)
    begun = False
    try:
        for part in parts:
            left = part
            # Its sum stands at a member's end: no output is held back once all input is taken.
            while left:
                if inflater.eof:
                    inflater = zlib.decompressobj(_GZIP)
                begun = True
                yield inflater.decompress(left, A_PIECE)
                left = inflater.unconsumed_tail or inflater.unused_data
    except zlib.error as error:
        raise Broken("is not gzip") from error
    if begun and not inflater.eof:
        raise Broken("is cut off")


def bucket(connection: Connection) -> str:
    """The bucket's address. Raises Invalid without its host."""
    home = connection.options.get(EXPORT_URL, "").rstrip("/")
    if not home:
        raise Invalid("options.export_url", "must name the bucket's host")
    return f"{home}/storage/v1/b/{quote(connection.options[BUCKET], safe='')}"
