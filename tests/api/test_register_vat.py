"""Are VAT classes set by an admin, over what was seen, and then asked of promotions?"""

import json
from pathlib import Path
from typing import Any

import pytest

from tests.api.room import PROMOTION, ROWS, call
from tests.register.conftest import aws, made
from vouchsafe.edge import vat_setting

__all__ = ["aws", "made"]
pytestmark = pytest.mark.usefixtures("aws")

VAT = "/register/settings/vat"
SPANISH = json.loads(Path("docs/examples/vat.json").read_text())


def findings(**row: object) -> list[tuple[str, str, str]]:
    rows = {**ROWS, "promotions": [{**PROMOTION, **row}]}
    told: Any = call("eva", "POST", "/register/proposals/check", {"rows": rows}).body
    return [(each["severity"], each["rule"], each["field"]) for each in told["findings"]]


def test_nobody_has_set_any_before_somebody_does() -> None:
    told = call("vera", "GET", VAT)

    assert (told.status, told.version()) == (200, '"0"')
    assert told.body["classes"] == []


def test_the_example_is_set_by_an_admin_and_told_as_it_was_said() -> None:
    assert call("ana", "PUT", VAT, SPANISH).status == 403

    told = call("adam", "PUT", VAT, SPANISH)

    assert (told.status, told.version()) == (200, '"1"')
    read: Any = call("vera", "GET", VAT).body
    assert [each["name"] for each in read["classes"]] == [
        each["name"] for each in SPANISH["classes"]
    ]
    assert read["classes"][0]["rates"][1] == {
        "percent": "21",
        "holds_from": "2012-09-01",
        "places": [],
    }
    assert read["prices_differ_at"] == ["woocommerce", "vend"]
    assert not vat_setting.standing().includes("vend/shop/1")


def test_it_is_set_over_what_was_seen_and_stands_in_the_audit_log() -> None:
    call("adam", "PUT", VAT, SPANISH)

    assert call("adam", "PUT", VAT, SPANISH).status == 400
    assert call("adam", "PUT", VAT, SPANISH, if_match="0").status == 409
    assert call("adam", "PUT", VAT, SPANISH | {"classes": []}, if_match="1").version() == '"2"'
    log: Any = call("vera", "GET", "/register/audit", query={"subject": "setting:vat"}).body
    assert [each["what"] for each in log["entries"]] == ["vat_set", "vat_set"]
    assert '"percent":"21"' in log["entries"][0]["before"]
    assert '"percent"' not in log["entries"][0]["after"]


@pytest.mark.parametrize(
    ("classes", "field"),
    [
        ([{"name": "general", "rates": []}], "classes[0].rates"),
        ([{"name": "General", "rates": []}], "classes[0].name"),
        (
            [{"name": "a", "rates": [{"percent": 21, "holds_from": "2012-09-01"}]}],
            "classes[0].rates[0].percent",
        ),
        (
            [{"name": "a", "rates": [{"percent": "21", "holds_from": "soon"}]}],
            "classes[0].rates[0].holds_from",
        ),
        (
            [{"name": "a", "rates": [{"percent": "21", "holds_from": "2012-09-01", "of": "x"}]}],
            "classes[0].rates[0].of",
        ),
    ],
)
def test_what_cannot_be_used_is_refused_by_field(classes: object, field: str) -> None:
    told = call("adam", "PUT", VAT, SPANISH | {"classes": classes})

    assert (told.status, told.body["field"]) == (400, field)
    assert vat_setting.standing().version == 0


def test_promotions_are_held_against_the_classes_once_there_are_any() -> None:
    assert findings(vat_class="books") == []
    assert findings(vat_class="") == [("advice", "mandatory", "vat_class")]

    call("adam", "PUT", VAT, SPANISH)

    assert findings(vat_class="reduced") == []
    assert findings(vat_class="books") == [("error", "vat_unknown", "vat_class")]
    assert findings(vat_class="") == [("error", "mandatory", "vat_class")]
