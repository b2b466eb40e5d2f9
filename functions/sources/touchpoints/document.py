"""A body of JSON or CSV as rows of the register's touchpoints, each with its place in the body."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Annotated, Final

from pydantic import BeforeValidator, ConfigDict, RootModel, StrictStr

from vouchsafe.pure.hearing import Delivery
from vouchsafe.pure.parsing import Narrow, parsed
from vouchsafe.pure.register_rows import COLUMNS, Fault, Row, rows_of

KIND: Final = "touchpoints"
NAMES = COLUMNS[KIND].all()

# A link carries them and we do not keep them: the ad networks' click ids (they name a person's
# click to the network), and what of a UTM tells no channel (GA4, URL builders, 2026-11-21).
_CLICK_IDS = ("dclid", "fbclid", "gbraid", "gclid", "gclsrc", "li_fat_id", "mc_cid", "mc_eid")
_MORE_CLICK_IDS = ("msclkid", "sccid", "ttclid", "twclid", "wbraid", "yclid")
_REST_OF_UTM = ("creative_format", "content", "id", "marketing_tactic", "source_platform", "term")
NOT_KEPT = frozenset((*_CLICK_IDS, *_MORE_CLICK_IDS, *(f"utm_{each}" for each in _REST_OF_UTM)))


def _written(value: object) -> object:
    """A whole number as its text: ids and codes are written both ways."""
    return str(value) if isinstance(value, int) and not isinstance(value, bool) else value


Text = Annotated[StrictStr | None, BeforeValidator(_written)]


class Told(Narrow):
    """One touchpoint; its fields are the columns of the register's file."""

    model_config = ConfigDict(extra="allow")

    touchpoint_id: Text = None
    identity: Text = None
    seen_at: Text = None
    kind: Text = None
    channel: Text = None
    utm_source: Text = None
    utm_medium: Text = None
    utm_campaign: Text = None
    campaign_id: Text = None
    code: Text = None

    def cells(self) -> dict[str, str]:
        """Every column's cell."""
        return {name: (getattr(self, name) or "").strip() for name in NAMES}

    def unknown(self) -> list[str]:
        """The fields that are no columns, and that no link is known to carry."""
        return sorted((self.model_extra or {}).keys() - NOT_KEPT)


class Envelope(Told):
    """An object: one touchpoint, or several, or a beacon's with its token."""

    token: StrictStr | None = None
    touchpoints: list[Told] | None = None


class Several(RootModel[list[Told]]):
    """A bare list."""


@dataclass(frozen=True, slots=True)
class Placed:
    """A row; `place` is what its fields' names follow: `[2].`, `line 4: `."""

    place: str
    row: Row


@dataclass(frozen=True, slots=True)
class Body:
    """The rows of a body, and every fault in its form. `token` is a beacon's."""

    rows: tuple[Placed, ...]
    faults: tuple[tuple[str, Fault], ...] = ()
    token: str | None = None


def is_csv(delivery: Delivery) -> bool:
    """Whether the sender says that the body is CSV; it is JSON, whatever else it says."""
    media_type = delivery.headers.get("content-type", "").partition(";")[0]
    return media_type.strip().lower() == "text/csv"


def from_csv(body: bytes) -> Body:
    """As the console reads `touchpoints.csv`, by the same columns."""
    found = rows_of(f"{KIND}.csv", body)
    return Body(
        rows=tuple(Placed(_line(row.line), row) for row in found.rows),
        faults=tuple((_line(fault.line), fault) for fault in found.faults),
    )


def from_json(body: bytes) -> Body:
    """One object, a list of them, or `{"touchpoints": [...]}`. Raises Unreadable."""
    if body.lstrip()[:1] == b"[":
        return _body(_placed("", parsed(Several, body).root))
    said = parsed(Envelope, body)
    if said.touchpoints is None:
        return _body([("", said)], said.token)
    around = [name for name, cell in said.cells().items() if cell] + said.unknown()
    return _body(_placed("touchpoints", said.touchpoints), said.token, around)


def _placed(where: str, several: list[Told]) -> list[tuple[str, Told]]:
    return [(f"{where}[{at}].", told) for at, told in enumerate(several)]


def _body(
    several: list[tuple[str, Told]], token: str | None = None, around: Iterable[str] = ()
) -> Body:
    """`around` are fields that stand beside the list, where none have a meaning."""
    rows = [Placed(place, Row(KIND, "", 0, told.cells())) for place, told in several]
    unknown = [(place, name) for place, told in several for name in told.unknown()]
    faults = [
        (place, Fault("", 0, name, "is not a field here"))
        for place, name in [*(("", name) for name in around), *unknown]
    ]
    return Body(tuple(rows), tuple(faults), token)


def _line(number: int) -> str:
    return f"line {number}: "
