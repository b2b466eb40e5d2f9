"""Does what shops ask for show on the metrics that tell guessing from shopping?"""

import json
from datetime import UTC, datetime

import pytest

from vouchsafe.flow import guard
from vouchsafe.pure.asking import Call
from vouchsafe.pure.offer import Reason, Refusal
from vouchsafe.pure.rights import Caller

pytestmark = pytest.mark.usefixtures("aws")

SHOP = Call(
    caller=Caller(
        id="key:1",
        name="corner",
        rights=frozenset({"validate"}),
        platform="direct",
        account="corner",
    ),
    now=datetime(2026, 11, 20, 12, tzinfo=UTC),
)


def refused(reason: Reason) -> Refusal:
    return Refusal(code="C0DE", reason=reason)


@pytest.mark.parametrize(
    ("found", "refusals", "asked", "missed"),
    [
        (2, [], 2, 0),
        (0, [refused("code_not_found")], 1, 1),
        (1, [refused("not_holder"), refused("code_disabled"), refused("expired")], 4, 2),
    ],
)
def test_what_is_asked_for_and_what_is_none_are_counted_together(
    found: int,
    refusals: list[Refusal],
    asked: int,
    missed: int,
    capsys: pytest.CaptureFixture[str],
) -> None:
    guard.note(SHOP, "s1", found, refusals)

    printed = json.loads(capsys.readouterr().out.splitlines()[0])
    assert (printed["codes_asked"], printed["codes_missed"]) == ([float(asked)], [float(missed)])
