"""Where a key lies among shards: stable for ever, the same on every machine."""

from zlib import crc32


def shard_of(key: str, shards: int) -> int:
    """A number from 0 to `shards - 1`."""
    return crc32(key.encode()) % shards
