"""Is a call answered once, to whom it may be, with what the caller can mend named?"""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from pynamodb.connection import Connection
from pynamodb.transactions import TransactWrite

from tests.api.calls import Answered, answered, event
from vouchsafe.edge import answers_table, clock, keys_table
from vouchsafe.edge.callers import shop
from vouchsafe.flow.serve import serve
from vouchsafe.pure.asking import Call, Reply, Route, Said
from vouchsafe.pure.errors import Absent, Conflict, Forbidden, Invalid, Throttled, Unavailable
from vouchsafe.pure.rights import RIGHTS, ROLES, SCOPES, Right, rights_of

NOON = datetime(2026, 11, 20, 12, tzinfo=UTC)
pytestmark = pytest.mark.usefixtures("aws")


class Lemon(Said):
    """A body."""

    name: str
    grams: int = 0


class Stall:
    """Routes that remember what they were asked, and do what they are told."""

    def __init__(self) -> None:
        self.calls: list[Call] = []
        self.fails: Exception | None = None

    def sell(self, call: Call) -> Reply:
        self.calls.append(call)
        if self.fails:
            raise self.fails
        body = call.asked(Lemon) if call.body else Lemon(name=call.path.get("lemon_id", "all"))
        return Reply(body=body, status=201 if call.body else 200, version=len(self.calls))

    def routes(self) -> list[Route]:
        said: list[tuple[Any, str, Right, type[Said] | None]] = [
            ("GET", "/lemons", "read", None),
            ("GET", "/lemons/{lemon_id}", "read", None),
            ("GET", "/lemons/best", "read", None),
            ("POST", "/lemons", "draft", Lemon),
            ("PUT", "/lemons/{lemon_id}", "approve", Lemon),
        ]
        return [
            Route(
                method=method,
                path=path,
                name=f"{method} {path}",
                summary="",
                right=right,
                handle=self.sell,
                asks=asks,
                query={"after": "the last one seen"} if path == "/lemons" else {},
            )
            for method, path, right, asks in said
        ]


@pytest.fixture
def stall(monkeypatch: pytest.MonkeyPatch) -> Stall:
    monkeypatch.setattr(clock, "now", lambda: NOON)
    return Stall()


def call(stall: Stall, method: str, path: str, body: object = None, **said: Any) -> Answered:
    said.setdefault("groups", "[editor]")
    return answered(serve("lemons", stall.routes()), event(method, path, body, **said))


def test_a_route_is_found_by_method_and_path(stall: Stall) -> None:
    assert call(stall, "GET", "/lemons/7").body == {"name": "7", "grams": 0}
    assert call(stall, "GET", "/lemons").body["name"] == "all"
    assert call(stall, "POST", "/lemons", {"name": "big"}).status == 201


def test_a_fixed_path_goes_before_a_name(stall: Stall) -> None:
    call(stall, "GET", "/lemons/best")

    assert stall.calls[0].path == {}


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [("GET", "/limes", 404), ("GET", "/lemons/7/8", 404), ("DELETE", "/lemons/7", 405)],
)
def test_what_is_not_there_is_told(stall: Stall, method: str, path: str, status: int) -> None:
    found = call(stall, method, path)

    assert found.status == status
    assert found.headers["content-type"] == "application/problem+json"
    assert found.body["status"] == status


def test_a_name_in_a_path_is_decoded_after_it_was_matched(stall: Stall) -> None:
    assert call(stall, "GET", "/lemons/AUTUMN%2010%2F7").body["name"] == "AUTUMN 10/7"


def test_a_stage_in_front_of_the_path_is_no_part_of_it(stall: Stall) -> None:
    told = event("GET", "/live/lemons/7", groups="[editor]")
    told["requestContext"]["stage"] = "live"

    assert answered(serve("lemons", stall.routes()), told).body["name"] == "7"


@pytest.mark.parametrize(
    ("body", "field", "rule"),
    [
        ({}, "name", "is missing"),
        ("{", "document", "is not JSON"),
        ({"name": "x", "owner": "me"}, "owner", "Extra inputs are not permitted"),
        ({"name": "x", "grams": "many"}, "grams", "Input should be a valid integer"),
    ],
)
def test_a_fault_names_field_and_rule(stall: Stall, body: object, field: str, rule: str) -> None:
    found = call(stall, "POST", "/lemons", body)

    assert (found.status, found.body["field"]) == (400, field)
    assert rule in found.body["rule"]
    assert stall.calls == []


def test_an_unknown_parameter_is_named(stall: Stall) -> None:
    found = call(stall, "GET", "/lemons", query={"afterr": "7"})

    assert found.status == 400
    assert found.body["field"] == "afterr"
    assert "after" in found.body["rule"]


def test_nobody_is_let_in_without_a_sign_in(stall: Stall) -> None:
    found = answered(serve("lemons", stall.routes()), event("GET", "/lemons"))

    assert (found.status, stall.calls) == (401, [])


@pytest.mark.parametrize("role", [*ROLES, "barista"])
@pytest.mark.parametrize(
    ("method", "path", "right"),
    [("GET", "/lemons", "read"), ("POST", "/lemons", "draft"), ("PUT", "/lemons/7", "approve")],
)
def test_a_role_opens_what_its_rights_open(
    stall: Stall, role: Any, method: str, path: str, right: Right
) -> None:
    body = None if method == "GET" else {"name": "x"}

    found = call(stall, method, path, body, groups=f"[other {role}]")

    allowed = role in ROLES and right in RIGHTS[role]
    assert (found.status == 403) is not allowed
    assert bool(stall.calls) is allowed


def test_rights_only_grow_with_the_roles() -> None:
    assert rights_of([]) == frozenset()
    assert RIGHTS["viewer"] < RIGHTS["editor"] < RIGHTS["admin"]
    assert "approve" not in RIGHTS["editor"]
    assert not SCOPES & {"read", "draft", "approve", "administer"}


@pytest.mark.parametrize(
    ("fails", "status"),
    [
        (Invalid("grams", "must be more"), 400),
        (Forbidden("not yours"), 403),
        (Absent("lemon 7"), 404),
        (Conflict("it is sold"), 409),
        (Throttled("too many", 3.0), 429),
        (Unavailable("no table"), 503),
    ],
)
def test_each_error_has_its_answer(stall: Stall, fails: Exception, status: int) -> None:
    stall.fails = fails

    found = call(stall, "POST", "/lemons", {"name": "x"})

    assert found.status == status
    assert ("retry-after" in found.headers) is (status in (429, 503))


def test_the_version_goes_both_ways(stall: Stall) -> None:
    found = call(stall, "PUT", "/lemons/7", {"name": "x"}, groups="[approver]", if_match='"3"')

    assert stall.calls[0].version == 3
    assert found.headers["etag"] == '"1"'
    assert call(stall, "GET", "/lemons", if_match="three").status == 400


def keyed(stall: Stall, key: str, body: object, **said: Any) -> Answered:
    return call(stall, "POST", "/lemons", body, idempotency_key=key, **said)


def test_a_repeat_under_a_key_is_answered_and_not_worked(stall: Stall) -> None:
    first = keyed(stall, "k1", {"name": "x"})
    again = keyed(stall, "k1", {"name": "x"})

    assert len(stall.calls) == 1
    assert (again.status, again.body) == (first.status, first.body)
    assert again.headers == {**first.headers, "idempotent-replayed": "true"}


def test_a_key_belongs_to_its_caller_and_operation(stall: Stall) -> None:
    keyed(stall, "k1", {"name": "x"})
    keyed(stall, "k1", {"name": "x"}, subject="bob")

    assert len(stall.calls) == 2


def test_a_key_with_other_content_is_refused(stall: Stall) -> None:
    keyed(stall, "k1", {"name": "x"})

    found = keyed(stall, "k1", {"name": "y"})

    assert (found.status, found.body["field"]) == (422, "Idempotency-Key")
    assert len(stall.calls) == 1


def test_a_fault_is_an_answer_that_is_kept_too(stall: Stall) -> None:
    stall.fails = Conflict("it is sold")

    assert [keyed(stall, "k1", {"name": "x"}).status for _ in range(2)] == [409, 409]
    assert len(stall.calls) == 1


def test_what_could_not_be_done_now_may_come_again(stall: Stall) -> None:
    stall.fails = Unavailable("no table")
    assert keyed(stall, "k1", {"name": "x"}).status == 503
    stall.fails = None

    assert keyed(stall, "k1", {"name": "x"}).status == 201


def test_of_two_at_once_one_waits_and_a_cut_short_one_is_taken_over(
    stall: Stall, monkeypatch: pytest.MonkeyPatch
) -> None:
    body = b'{"name": "x"}'
    answers_table.begin("person:ana", "POST /lemons ", "k1", body, NOON)

    assert keyed(stall, "k1", body.decode()).status == 409
    monkeypatch.setattr(clock, "now", lambda: NOON + timedelta(seconds=31))
    assert keyed(stall, "k1", body.decode()).status == 201


def test_work_has_its_own_name_unless_it_comes_again_under_its_key(
    stall: Stall, monkeypatch: pytest.MonkeyPatch
) -> None:
    stall.fails = Unavailable("the answer was lost")
    keyed(stall, "k1", {"name": "x"})
    monkeypatch.setattr(clock, "now", lambda: NOON + timedelta(seconds=1))
    keyed(stall, "k1", {"name": "x"})
    stall.fails = None
    keyed(stall, "k1", {"name": "x"})
    keyed(stall, "k2", {"name": "x"})
    call(stall, "POST", "/lemons", {"name": "x"})

    names = [each.work_id for each in stall.calls]
    assert len(set(names)) == 3
    assert names[0] == names[1] == names[2] < min(names[3:])
    assert [each.again for each in stall.calls] == [False, True, True, False, False]


def test_a_key_that_is_used_after_a_day_names_other_work(
    stall: Stall, monkeypatch: pytest.MonkeyPatch
) -> None:
    stall.fails = Unavailable("the answer was lost")
    keyed(stall, "k1", {"name": "x"})
    monkeypatch.setattr(clock, "now", lambda: NOON + timedelta(hours=24, seconds=1))
    keyed(stall, "k1", {"name": "x"})

    first, second = stall.calls
    assert first.work_id != second.work_id
    assert not second.again


def test_after_a_day_a_key_is_free(stall: Stall, monkeypatch: pytest.MonkeyPatch) -> None:
    keyed(stall, "k1", {"name": "x"})
    monkeypatch.setattr(clock, "now", lambda: NOON + timedelta(hours=24, seconds=1))

    assert keyed(stall, "k1", {"name": "y"}).status == 201


@pytest.mark.parametrize("key", ["k" * 256, "k\x00y", "clé"])
def test_an_odd_key_is_refused_by_its_rule(stall: Stall, key: str) -> None:
    found = keyed(stall, key, {"name": "x"})

    assert (found.status, found.body["field"]) == (400, "Idempotency-Key")


def test_a_body_over_a_mebibyte_is_refused(stall: Stall) -> None:
    assert call(stall, "POST", "/lemons", '"' + "x" * (1 << 20) + '"').status == 413


def test_a_shop_is_known_by_its_key_until_it_is_revoked(
    stall: Stall, monkeypatch: pytest.MonkeyPatch
) -> None:
    keys_table.forget()
    made = keys_table.drawn(
        "till 1", frozenset({"validate"}), "woocommerce", "shop", "person:ana", NOON
    )
    keys_table.keep(made)
    text = made.text
    told = event("GET", "/", authorization=f"Bearer {text}")

    found = shop(told)

    assert (found.platform, found.account, found.rights) == (
        "woocommerce",
        "shop",
        frozenset({"validate"}),
    )
    with TransactWrite(connection=Connection()) as transaction:
        keys_table.revoke(made.key.key_id, NOON, transaction)
    keys_table.forget()
    assert keys_table.caller(text) is None
    assert [each.revoked_at for each in keys_table.all_keys()] == [NOON]


def test_a_key_is_kept_as_a_digest_only() -> None:
    made = keys_table.drawn("till", frozenset({"redeem"}), "p", "a", "person:ana", NOON)
    keys_table.keep(made)
    text = made.text
    secret = text.split("_", 2)[2]

    (item,) = keys_table.KeyItem.scan()

    assert secret not in str(item.attribute_values)


@pytest.mark.parametrize("text", ["", "vk_", "vk_0123456789abcdef_", "vk_0123456789abcdef_x", "x"])
def test_a_guessed_key_is_nobodys(text: str) -> None:
    keys_table.forget()

    assert keys_table.caller(text) is None


def test_a_changed_secret_is_nobodys() -> None:
    keys_table.forget()
    made = keys_table.drawn("till", frozenset({"redeem"}), "p", "a", "person:ana", NOON)
    keys_table.keep(made)
    text = made.text

    assert keys_table.caller(text[:-1] + ("A" if text[-1] != "A" else "B")) is None
