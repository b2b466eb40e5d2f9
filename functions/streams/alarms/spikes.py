"""The codes whose spike alarm is open: who must be looked at when the shop's clock moves on."""

from dataclasses import dataclass, replace

from vouchsafe.edge.alarms_table import Key

OPEN_KEY = Key("watch#open", "spikes")


@dataclass(frozen=True, slots=True, kw_only=True)
class Open:
    """Codes with the exposure at which each may be over."""

    codes: tuple[tuple[str, float], ...] = ()

    def due(self, exposure: float) -> tuple[str, ...]:
        """The codes to look at by then."""
        return tuple(code for code, at in self.codes if at <= exposure)

    def with_code(self, code: str, at: float) -> "Open":
        """Look at the code at that exposure."""
        return replace(self, codes=tuple(sorted({**dict(self.codes), code: at}.items())))

    def without(self, code: str) -> "Open":
        """Its alarm is over."""
        return replace(self, codes=tuple(each for each in self.codes if each[0] != code))
