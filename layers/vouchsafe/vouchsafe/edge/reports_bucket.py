"""The reports that people and Power BI read: written by export alone, linked for others."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from vouchsafe.edge.outage import translated
from vouchsafe.edge.session import client
from vouchsafe.edge.settings import setting
from vouchsafe.pure.errors import Refused


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """One file in the bucket."""

    key: str
    size: int
    written_at: datetime


def put_file(key: str, path: Path, content_type: str) -> None:
    """Publishes a file under its key, in one write: readers see the old one or the new one."""
    with translated("reports"), path.open("rb") as file:
        client("s3").put_object(
            Bucket=setting("REPORTS_BUCKET"), Key=key, Body=file, ContentType=content_type
        )


def put(key: str, body: bytes, content_type: str) -> None:
    """Publishes bytes under their key."""
    with translated("reports"):
        client("s3").put_object(
            Bucket=setting("REPORTS_BUCKET"), Key=key, Body=body, ContentType=content_type
        )


def get(key: str) -> bytes | None:
    """A small file's bytes, None where there is none."""
    with translated("reports"):
        try:
            found = client("s3").get_object(Bucket=setting("REPORTS_BUCKET"), Key=key)
        except client("s3").exceptions.NoSuchKey:
            return None
        return bytes(found["Body"].read())


def listed(prefix: str, after: str | None, most: int) -> tuple[list[Report], str | None]:
    """Reports by key, and the key to go on after where there are more."""
    asked = {"Bucket": setting("REPORTS_BUCKET"), "Prefix": prefix, "MaxKeys": most}
    with translated("reports"):
        page = client("s3").list_objects_v2(**asked, **({"StartAfter": after} if after else {}))
    found = [_report(each) for each in page.get("Contents", ())]
    return found, found[-1].key if page.get("IsTruncated") and found else None


def link(key: str, lives_s: int) -> str | None:
    """A link that opens one report for a while, without further sign-in; None where none is."""
    asked = {"Bucket": setting("REPORTS_BUCKET"), "Key": key}
    with translated("reports"):
        try:
            client("s3").head_object(**asked)
        except client("s3").exceptions.ClientError as error:
            if error.response["Error"]["Code"] in ("404", "NoSuchKey", "NotFound"):
                return None
            raise
        return str(
            client("s3").generate_presigned_url("get_object", Params=asked, ExpiresIn=lives_s)
        )


def _report(held: dict[str, object]) -> Report:
    key, size, at = held["Key"], held["Size"], held["LastModified"]
    if not (isinstance(key, str) and isinstance(size, int) and isinstance(at, datetime)):
        raise Refused("reports: the listing has another shape")
    return Report(key=key, size=size, written_at=at)


def all_keys(prefix: str) -> Iterator[str]:
    """Every key under a prefix."""
    after: str | None = None
    while True:
        found, after = listed(prefix, after, 1000)
        yield from (each.key for each in found)
        if after is None:
            return
