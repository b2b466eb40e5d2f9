"""Does every happening become a message that Slack takes, and that says what a person needs?"""

import json
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any, get_args

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from slack_sdk.models.blocks import Block

from functions.destinations.slack.blocks import BLOCKS, FIELDS, TEXT, cut
from functions.destinations.slack.message import message
from functions.destinations.slack.wording import ADVICE, TITLES
from vouchsafe.pure import codec
from vouchsafe.pure.alarm import Acknowledged, Alarm, Calling, Evidence, Rule, Term, notice
from vouchsafe.pure.census import Noticed
from vouchsafe.pure.escalation import Escalated, Rung
from vouchsafe.pure.happening import Happening

URL = "https://hooks.slack.com/services/T0/B0/secret"
BOOKS = "https://books.example/runbooks/"
RUNBOOKS = Path(__file__).parent.parent.parent / "docs/runbooks"
NOON = datetime(2025, 11, 20, 12, tzinfo=UTC)


def evidence(number: int = 0, **said: Any) -> Evidence:
    default: dict[str, Any] = {
        "order": f"shopify#corner-shop#{number}",
        "item": "redemption#MA1L#000",
        "redeemed_at": NOON + timedelta(minutes=number),
        "currency": "EUR",
        "at_risk_minor": 200,
        "place": "shopify/corner-shop/high-street",
        "seen": "redeemed on 2025-11-20",
        "expected": "last day 2025-11-10",
    }
    return Evidence(**(default | said))


def alarm(**said: Any) -> Alarm:
    default: dict[str, Any] = {
        "alarm_id": "expired:MA1L:2025-11-20",
        "rule": "expired",
        "code": "MA1L",
        "day": date(2025, 11, 20),
        "state": "open",
        "opened_at": NOON,
        "updated_at": NOON,
        "newest_on": date(2025, 11, 20),
        "promotion": "by-mail",
        "orders": 1,
        "at_risk": (("EUR", 200), ("JPY", 500)),
        "evidence": (evidence(),),
        "seen": "redeemed on 2025-11-20",
        "expected": "last day 2025-11-10",
        "since": NOON,
        "revision": 3,
    }
    return Alarm(**(default | said))


def said_of(about: Alarm | Happening, name: Any = "AlarmRaised", books: str = BOOKS) -> Any:
    """The message's JSON."""
    told = about if isinstance(about, Happening) else notice(about, name, stack="test", at=NOON)
    request = message(told, URL, books)
    assert request is not None
    assert (request.method, request.url) == ("POST", URL)
    assert request.body is not None
    return json.loads(request.body)


def checked(said: Any) -> str:
    """All the message's text, after Slack's own SDK has checked every block."""
    assert 0 < len(said["blocks"]) <= BLOCKS
    assert said["text"]
    assert (said["unfurl_links"], said["unfurl_media"]) == (False, False)
    for block in said["blocks"]:
        parsed = Block.parse(block)
        assert parsed is not None
        parsed.validate_json()
        assert len(block.get("fields", ())) <= FIELDS
        for text in _texts(block):
            assert 0 < len(text["text"]) <= TEXT
            assert text["type"] == "plain_text" or text["verbatim"]
    return json.dumps(said, ensure_ascii=False)


def _texts(block: Any) -> list[Any]:
    return [*block.get("fields", ()), *block.get("elements", ())] + (
        [block["text"]] if "text" in block else []
    )


def reconciliation(**said: Any) -> Happening:
    subject: dict[str, Any] = {
        "period": "daily",
        "start": "2025-11-20",
        "end": "2025-11-20",
        "platform": "square",
        "account": "kew",
        "matched": 41,
        "till_orders": 43,
        "ledger_orders": 42,
        "breaks": {"missing_in_ledger": 2, "amount": 1},
        "agrees": False,
        "report": "run daily#2025-11-20#square#kew",
    }
    return Happening(
        happening="ReconciliationDone",
        id="reconciliation#daily",
        at=NOON,
        stack="test",
        subject=subject | said,
    )


def test_an_alarm_says_what_where_since_when_and_what_to_do() -> None:
    text = checked(said_of(alarm()))

    for part in (
        "Alarm: expired code honoured, MA1L",
        "*Rule*\\nexpired",
        "*Seen*\\nredeemed on 2025-11-20",
        "*Expected*\\nlast day 2025-11-10",
        "*Money at risk*\\n2.00 EUR, 500 JPY",
        "*Where*\\nshopify/corner-shop/high-street",
        "*Since*\\n2025-11-20 12:00 UTC",
        "shopify#corner-shop#0",
        "What to do",
        "<https://books.example/runbooks/alarm_expired.md|alarm_expired.md>",
        "alarm expired:MA1L:2025-11-20 · revision 3",
    ):
        assert part in text


def test_an_open_alarm_shows_the_one_step_that_switches_its_promotion_off() -> None:
    shown = checked(said_of(alarm(promotion="by mail & more")))

    assert "POST /register/promotions/by%20mail%20%26%20more/pause" in shown
    assert "alarm expired:MA1L:2025-11-20" in shown
    for quiet in (alarm(promotion=""), alarm(state="cleared", cleared_at=NOON)):
        assert "/pause" not in checked(said_of(quiet))


def test_a_leak_names_the_switch_or_where_its_promotions_are_found() -> None:
    leak = {"rule": "spike", "code": "MAÑANA 1", "alarm_id": "spike:MA1L:2025-11-20"}

    assert "POST /register/promotions/by-mail/pause" in checked(said_of(alarm(**leak)))
    several = checked(said_of(alarm(**leak, promotion="")))
    assert "GET /register/codes/MA%C3%91ANA%201" in several
    nobodys = checked(said_of(alarm(rule="code_not_found", promotion="")))
    assert "/register/codes/" not in nobodys


def test_an_alarm_that_waits_shows_how_it_is_taken_on() -> None:
    command = "POST /register/alarms/expired%3AMA1L%3A2025-11-20/acknowledge"

    assert command in checked(said_of(alarm()))
    assert command not in checked(said_of(alarm(state="cleared", cleared_at=NOON)))


def test_who_has_taken_an_alarm_on_is_told_and_when_it_is_to_be_done_again() -> None:
    seen = Acknowledged(by="person:<eva>", at=NOON, calling=1, orders=1, at_risk=())
    first = Calling(number=1, at=NOON, orders=1, at_risk=())

    stands = checked(said_of(alarm(calling=first, acknowledged=seen), "AlarmUpdated"))
    assert "*Acknowledged*\\nperson:&lt;eva&gt;, 2025-11-20 12:00 UTC" in stands
    assert "/acknowledge" not in stands

    worse = alarm(calling=replace(first, number=2), acknowledged=seen)
    again = checked(said_of(worse, "AlarmUpdated"))
    assert "much worse than when person:&lt;eva&gt;, 2025-11-20 12:00 UTC did" in again
    assert "/acknowledge" in again


@pytest.mark.parametrize(
    ("mention", "said"),
    [
        ("channel", "<!channel> *Major*"),
        ("here", "<!here> *Major*"),
        ("S012ABC", "<!subteam^S012ABC> *Major*"),
        ("U012ABC", "<@U012ABC> *Major*"),
        ("", '"*Major*'),
    ],
)
def test_an_escalation_calls_whom_the_setting_names(mention: str, said: str) -> None:
    assert said in checked(said_of(escalation(mention)))


def test_the_second_step_says_so() -> None:
    assert "Still nobody has acknowledged: expired" in checked(said_of(escalation("", step=2)))


def escalation(mention: str, step: Any = 1) -> Happening:
    about = alarm()
    rung = Rung(alarm_id=about.alarm_id, calling=0, step=step, since=NOON)
    subject = Escalated(alarm=about, rung=rung, severity="major", mention=mention)
    return Happening(
        happening="AlarmEscalated",
        id=rung.name(),
        at=NOON,
        stack="test",
        subject=codec.plain(subject),
    )


def unregistered(**said: Any) -> Happening:
    default: dict[str, Any] = {
        "subject": "L0UIS",
        "shown": "Louis & <co>",
        "platform": "shopify",
        "account": "corner-shop",
        "place": "high-street",
        "order": "shopify#corner-shop#1001",
        "seen_at": NOON,
        "currency": "JPY",
        "discount_minor": 500,
    }
    return Happening(
        happening="CodeUnregistered",
        id="unregistered:L0UIS",
        at=NOON,
        stack="test",
        subject=codec.plain(Noticed(**(default | said))),
    )


def test_a_code_that_the_register_does_not_know_is_told_with_its_first_order() -> None:
    text = checked(said_of(unregistered()))

    for part in (
        "Code that the register does not know: Louis &amp; &lt;co&gt;",
        "*Platform*\\nshopify",
        "*Place*\\nhigh-street",
        "*First order*\\nshopify#corner-shop#1001",
        "*Discount*\\n500 JPY",
        "POST /register/proposals",
        "<https://books.example/runbooks/../census.md|census.md>",
    ):
        assert part in text
    assert "See docs/census.md" in checked(said_of(unregistered(), books=""))


def test_a_tills_discount_is_called_one() -> None:
    discount = unregistered(subject="?square#kew#catalog:D1", shown="Staff meal", place="")

    text = checked(said_of(discount))
    assert "Discount that the register does not know: Staff meal" in text
    assert "*Place*" not in text


@pytest.mark.parametrize(("days", "told"), [(2.99, True), (3, False)])
def test_a_code_that_a_backfill_brings_is_no_news(days: float, told: bool) -> None:
    old = unregistered(seen_at=NOON - timedelta(days=days))

    assert (message(old, URL, BOOKS) is not None) == told


def test_the_fallback_text_says_the_alarm_by_itself() -> None:
    said = said_of(alarm())

    assert said["text"].startswith("Alarm: expired code honoured, MA1L")
    assert "2.00 EUR" in said["text"]


def test_the_code_is_shown_as_people_write_it() -> None:
    said = said_of(alarm(code="5OOO871", code_raw="5000-871"))

    assert "*Code*\n5000-871" in checked(said).replace("\\n", "\n")
    assert said["text"].startswith("Alarm: expired code honoured, 5000-871.")
    assert "5OOO871" not in said["text"]


def test_going_on_and_over_are_told_apart() -> None:
    over = replace(alarm(), state="cleared", orders=0, evidence=(), at_risk=(), cleared_at=NOON)

    assert "Alarm goes on: expired" in checked(said_of(alarm(), "AlarmUpdated"))
    assert "All clear: expired" in (text := checked(said_of(over, "AlarmCleared")))
    assert "What to do" not in text


@pytest.mark.parametrize("rule", get_args(Rule))
def test_every_rule_has_a_title_an_advice_and_a_runbook(rule: str) -> None:
    terms: tuple[str | None, ...] = get_args(Term) if rule == "terms_not_met" else (None,)
    for term in terms:
        name = f"{rule}.{term}" if term else rule

        checked(said_of(alarm(rule=rule, term=term)))
        assert TITLES[name]
        assert ADVICE[name]
    assert (RUNBOOKS / f"alarm_{rule}.md").is_file()


def test_every_runbook_of_an_alarm_belongs_to_a_rule() -> None:
    books = {path.stem for path in RUNBOOKS.glob("alarm_*.md")}

    assert books == {f"alarm_{rule}" for rule in get_args(Rule)} | {"alarm_breaks"}


def test_without_an_address_the_runbook_is_named_by_its_path() -> None:
    assert "See docs/runbooks/alarm_expired.md" in checked(said_of(alarm(), books=""))


def test_a_long_list_is_cut_and_counted() -> None:
    many = tuple(evidence(number, seen="x" * 900) for number in range(20))

    text = checked(said_of(alarm(orders=500, evidence=many)))

    assert "and 490 more" in text
    assert "shopify#corner-shop#19" in text


def test_what_somebody_typed_is_no_mention_and_no_link() -> None:
    typed = "<!channel> & <https://evil.example|free>"

    text = checked(said_of(alarm(evidence=(evidence(seen=typed),), seen=typed)))

    assert "<!channel>" not in text
    assert "&lt;!channel&gt; &amp; &lt;https" in text


def test_a_reconciliation_names_its_breaks() -> None:
    text = checked(said_of(reconciliation()))

    for part in ("square/kew", "breaks found", "*Missing in ledger*\\n2", "*Amount*\\n1", "41"):
        assert part in text
    assert "alarm_breaks.md" in text


def test_a_reconciliation_that_agrees_asks_for_nothing() -> None:
    text = checked(said_of(reconciliation(breaks={}, agrees=True)))

    assert "agrees" in text
    assert "What to do" not in text


def test_a_reconciliation_that_says_little_is_told_all_the_same() -> None:
    bare = Happening(happening="ReconciliationDone", id="r", at=NOON, stack="test", subject={})

    checked(said_of(bare))


def test_what_slack_need_not_hear_is_no_message() -> None:
    quiet = Happening(happening="ReportReady", id="r", at=NOON, stack="test", subject={})

    assert message(quiet, URL, BOOKS) is None


@settings(max_examples=200)
@given(st.text(), st.integers(1, 200))
def test_cutting_never_leaves_half_an_entity(text: str, most: int) -> None:
    said = cut(text, most)

    assert len(said) <= most
    assert "<" not in said
    assert said.replace("&amp;", "").replace("&lt;", "").replace("&gt;", "").count("&") == 0


@settings(max_examples=100)
@given(
    st.text(min_size=1, max_size=4000),
    st.text(max_size=4000),
    st.integers(0, 60),
)
def test_no_length_of_anything_breaks_slacks_limits(code: str, typed: str, orders: int) -> None:
    shown = tuple(evidence(n, seen=typed, place=typed[:50]) for n in range(min(orders, 20)))

    checked(
        said_of(
            alarm(
                code=code,
                code_raw=typed,
                seen=typed,
                expected=typed,
                orders=orders,
                evidence=shown,
                suggested=typed[:500],
                alarm_id=f"expired:{code}:2025-11-20",
            )
        )
    )


def test_an_alarm_travels_the_topic_unchanged() -> None:
    one = alarm()
    told = notice(one, "AlarmRaised", stack="test", at=NOON)

    assert told.id == "expired:MA1L:2025-11-20:3"
    assert codec.loads(Alarm, json.dumps(told.subject)) == one
