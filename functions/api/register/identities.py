"""What is known of one person, and its end. Who it is comes in a body, and goes no further."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import asdict

from vouchsafe.edge import (
    audit_table,
    orders_table,
    queue,
    redemptions_table,
    segments_table,
    touchpoints_table,
)
from vouchsafe.edge.settings import setting
from vouchsafe.flow.enlist import keys_of
from vouchsafe.pure.asking import Call, Reply
from vouchsafe.pure.audit import Deed
from vouchsafe.pure.facts import Erasure
from vouchsafe.pure.identity import ranked
from vouchsafe.pure.order import Order
from vouchsafe.pure.redemption import Redemption
from vouchsafe.pure.touchpoint import Touchpoint

from .identity_words import (
    ErasureTold,
    OrdersTold,
    PersonAsked,
    PersonTold,
    SpentTold,
    TouchTold,
    UsedTold,
)
from .standings import must_name_nobody, told_of

_MOST = 100


def look(call: Call) -> Reply:
    """All that is known of a person; that somebody looked is told before it is answered."""
    keys, why = _asked(call)
    audit_table.append(_deed(call, "person_looked_up", f"look:{call.work_id}", why))
    orders, used, touches = _orders(keys), _used(keys), _touches(keys, call)
    today = call.now.date()
    told = PersonTold(
        orders=_orders_told(orders),
        redemptions=[_used_told(each) for each in used],
        codes_given=_given(touches),
        touchpoints=[_touch_told(each) for each in touches],
        segments=sorted({each for key in keys for each in segments_table.lists_of(key, today)}),
        standings=told_of(keys, call),
        more=max(len(orders), len(used), len(touches)) >= _MOST,
    )
    return Reply(body=told)


def forget(call: Call) -> Reply:
    """A person is taken out of everything, by the road of every wish to be forgotten."""
    keys, why = _asked(call)
    after = f"{len(keys)} identities"
    audit_table.append(_deed(call, "person_forgotten", f"erasure:{call.work_id}", why, after))
    wish = Erasure(
        platform="",
        account="",
        order_ids=(),
        customer=keys,
        asked="register/identities/forget",
        whole_account=False,
    )
    queue.send(setting("FORGET_QUEUE_URL"), [asdict(wish)])
    return Reply(body=ErasureTold(erasure_id=call.work_id, identities=len(keys)), status=202)


def _asked(call: Call) -> tuple[tuple[str, ...], str]:
    """Identity keys, strongest first, and why. Raises Invalid; it does not say who it is."""
    asked = call.asked(PersonAsked)
    must_name_nobody("why", asked.why)
    return ranked(keys_of(asked.identities, "identities")), asked.why


def _deed(call: Call, what: str, subject: str, why: str, after: str = "") -> Deed:
    return Deed(
        who=call.caller.id, at=call.now, what=what, subjects=(subject,), why=why, after=after
    )


def _orders(keys: Iterable[str]) -> list[Order]:
    found = {
        order.key.text(): order
        for key in keys
        for order, _ in orders_table.newest_of_customer(key, _MOST)
    }
    return sorted(found.values(), key=lambda each: each.placed_at, reverse=True)


def _used(keys: Iterable[str]) -> list[Redemption]:
    places = dict.fromkeys(
        place for key in keys for place in redemptions_table.newest_of_customer(key, _MOST)
    )
    rows = redemptions_table.of_items(places).values()
    found = [each for each in rows if isinstance(each, Redemption)]
    return sorted(found, key=lambda each: each.redeemed_at, reverse=True)


def _touches(keys: Iterable[str], call: Call) -> list[Touchpoint]:
    found = {
        touch.touchpoint_id: touch
        for key in keys
        for touch in touchpoints_table.latest_of_person(key, call.now, _MOST)
    }
    return sorted(found.values(), key=lambda each: each.seen_at, reverse=True)


def _given(touches: Iterable[Touchpoint]) -> list[str]:
    return sorted({each.code for each in touches if each.kind == "publication" and each.code})


def _orders_told(orders: Sequence[Order]) -> OrdersTold:
    confirmed = [each for each in orders if each.stage == "confirmed"]
    spent: Counter[str] = Counter()
    for each in confirmed:
        spent[each.currency] += each.net_minor - each.returned_net_minor
    return OrdersTold(
        count=len(orders),
        confirmed=len(confirmed),
        spent=[SpentTold(currency=name, minor=minor) for name, minor in sorted(spent.items())],
        first_at=orders[-1].placed_at if orders else None,
        last_at=orders[0].placed_at if orders else None,
    )


def _used_told(row: Redemption) -> UsedTold:
    return UsedTold(
        code=row.code_raw,
        order=row.key.text(),
        state=row.state,
        redeemed_at=row.redeemed_at,
        currency=row.currency,
        discount_minor=row.discount_minor,
        returned_minor=row.returned_minor,
    )


def _touch_told(touch: Touchpoint) -> TouchTold:
    return TouchTold(
        kind=touch.kind,
        seen_at=touch.seen_at,
        channel=touch.channel(),
        campaign_id=touch.campaign_id,
        code=touch.code,
    )
