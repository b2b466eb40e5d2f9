"""The stand-ins of Salesforce list every row and voucher once, and refuse what they should."""

import json
from dataclasses import replace
from datetime import timedelta

import pytest

from functions.sources.salesforce import api
from local.contacts import Contact, told_by
from local.dealing import SALESFORCE, SALESFORCE_LOYALTY, Shop
from local.payloads import salesforce
from local.vendors.exchange import Answer, Request
from local.vendors.salesforce import MOST_ROWS, REFUSE_ONE_IN, Cloud, Organisation
from tests.local_data.heard import Behind, as_the_file_would_say, connection, swept
from tests.local_data.product import HEARD_AT, send_to
from vouchsafe.pure.errors import Refused
from vouchsafe.pure.facts import Notice
from vouchsafe.pure.pull import Send, Window

ROWSET = f"/data/v1/customobjectdata/key/{salesforce.EXTENSIONS[0]}/rowset"
QUERY = "/services/data/v62.0/query"


@pytest.fixture
def cloud(seen: list[Contact]) -> Cloud:
    return Cloud(SALESFORCE, told_by(seen, "cloud"))


@pytest.fixture
def organisation(seen: list[Contact]) -> Organisation:
    return Organisation(SALESFORCE_LOYALTY, told_by(seen, "loyalty"))


def sending(shop: Shop, desk: Cloud | Organisation) -> Send:
    return send_to(Behind(shop, desk))


def token(shop: Shop, desk: Cloud | Organisation) -> str:
    grant = api.sign_in(sending(shop, desk), connection(shop), None, HEARD_AT)
    return f"Bearer {grant.token}"


def ask(desk: Cloud | Organisation, path: str, bearer: str = "", **query: str) -> Answer:
    """With `$` before the names of a rowset's words."""
    words = {f"${name}" if name != "q" else name: value for name, value in query.items()}
    return desk.answer(Request("GET", path, words, {"authorization": bearer}, b""))


def patiently(desk: Cloud, path: str, bearer: str, **query: str) -> Answer:
    answer = ask(desk, path, bearer, **query)
    return answer if answer.status != 429 else patiently(desk, path, bearer, **query)


def test_a_sweep_finds_every_claimed_row_once(seen: list[Contact]) -> None:
    found = swept(SALESFORCE, seen)

    assert len(found) == len(told_by(seen, "cloud")) > MOST_ROWS
    assert set(found) == {as_the_file_would_say(each) for each in told_by(seen, "cloud")}


def test_a_sweep_finds_every_voucher_once_though_its_session_ends(seen: list[Contact]) -> None:
    found = swept(SALESFORCE_LOYALTY, seen)

    assert len(found) == len(told_by(seen, "loyalty")) > 20
    assert set(found) == {as_the_file_would_say(each) for each in told_by(seen, "loyalty")}


def test_a_window_leaves_out_what_was_claimed_before(cloud: Cloud, seen: list[Contact]) -> None:
    last = max(each.at for each in told_by(seen, "cloud"))
    window = Window(start=last + timedelta(days=3), end=last + timedelta(days=4))
    mine = connection(SALESFORCE)
    send = sending(SALESFORCE, cloud)
    mine = replace(mine, access_token=api.sign_in(send, mine, None, HEARD_AT).token)

    assert api.list_orders(send, mine, window, None).documents == ()


def test_rows_come_page_by_page_with_what_nobody_claimed(cloud: Cloud) -> None:
    bearer = token(SALESFORCE, cloud)

    first = json.loads(patiently(cloud, ROWSET, bearer, page="1", pageSize="30").body)
    second = json.loads(patiently(cloud, ROWSET, bearer, page="2", pageSize="30").body)

    assert [len(each["items"]) for each in (first, second)] == [30, 30]
    assert first["items"][0]["values"]["isclaimed"] == "False"
    assert first["items"][0] != second["items"][0]
    assert "page=2" in first["links"]["next"]


@pytest.mark.parametrize("query", [{"pageSize": "2501"}, {"page": "0"}, {"page": "x"}])
def test_a_page_that_is_none_is_refused(cloud: Cloud, query: dict[str, str]) -> None:
    assert patiently(cloud, ROWSET, token(SALESFORCE, cloud), **query).status == 400


def test_another_extension_is_not_there(cloud: Cloud) -> None:
    path = "/data/v1/customobjectdata/key/Nobodys/rowset"

    assert patiently(cloud, path, token(SALESFORCE, cloud)).status == 404


@pytest.mark.parametrize("shop", [SALESFORCE, SALESFORCE_LOYALTY])
def test_nobody_is_let_in_without_a_session(
    shop: Shop, cloud: Cloud, organisation: Organisation
) -> None:
    desk, path = (cloud, ROWSET) if shop == SALESFORCE else (organisation, QUERY)

    assert ask(desk, path).status == 401
    assert ask(desk, path, "Bearer token-of-nobody").status == 401


@pytest.mark.parametrize("shop", [SALESFORCE, SALESFORCE_LOYALTY])
def test_a_wrong_secret_gets_no_session(
    shop: Shop, cloud: Cloud, organisation: Organisation
) -> None:
    desk = cloud if shop == SALESFORCE else organisation
    mine = replace(connection(shop), api_secret="a guess")

    with pytest.raises(Refused):
        api.sign_in(sending(shop, desk), mine, None, HEARD_AT)


def test_the_first_session_of_an_organisation_ends_early(organisation: Organisation) -> None:
    first = token(SALESFORCE_LOYALTY, organisation)
    statuses = [ask(organisation, QUERY, first, q="SELECT").status for _ in range(3)]
    later = token(SALESFORCE_LOYALTY, organisation)
    statuses += [ask(organisation, QUERY, later, q="SELECT").status for _ in range(3)]

    assert statuses == [400, 401, 401, 400, 400, 400]


def test_the_cloud_asks_for_patience_now_and_then(cloud: Cloud) -> None:
    bearer = token(SALESFORCE, cloud)

    answers = [ask(cloud, ROWSET, bearer) for _ in range(REFUSE_ONE_IN)]

    assert [each.status for each in answers].count(429) == 1
    assert answers[0].headers["Retry-After"] == "1"


def test_a_callback_is_verified_with_its_own_words_only(cloud: Cloud) -> None:
    send, mine = sending(SALESFORCE, cloud), connection(SALESFORCE)
    mine = replace(mine, access_token=api.sign_in(send, mine, None, HEARD_AT).token)
    notice = Notice(
        platform="salesforce",
        account=SALESFORCE.account,
        kind="verification",
        object_id=salesforce.CALLBACK,
        details={"verification_key": "a guess"},
    )

    with pytest.raises(Refused):
        api.fetch(send, mine, notice)
    assert not cloud.verified
    api.fetch(
        send,
        mine,
        replace(notice, details={"verification_key": salesforce.VERIFICATION_KEY}),
    )
    assert cloud.verified
