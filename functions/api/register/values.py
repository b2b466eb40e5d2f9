"""Values by hand: what is outstanding, one value with its entries, and taking value away."""

import json
from collections import Counter
from collections.abc import Sequence
from functools import partial

from vouchsafe.edge import audit_table, values_table
from vouchsafe.pure import value_moves as moves
from vouchsafe.pure.asking import Call, Reply
from vouchsafe.pure.audit import Deed
from vouchsafe.pure.codes import canonical
from vouchsafe.pure.errors import Absent, Conflict, Invalid
from vouchsafe.pure.facts import joined
from vouchsafe.pure.value import Entry, Value
from vouchsafe.pure.value_moves import Here, Standing

from . import parameters
from .value_words import EntryTold, SumTold, ValueHead, ValuesTold, ValueTold, WithdrawAsked


def outstanding(call: Call) -> Reply:
    """A promotion's values of which something is left. Codes are as good as money: the log tells
    who has taken them out."""
    promotion_id = call.query.get("promotion_id", "")
    if not promotion_id:
        raise Invalid("promotion_id", "is missing")
    most = parameters.page_size(call.query)
    found = values_table.outstanding(promotion_id, parameters.after(call), most + 1)
    page = found[:most]
    if page:
        audit_table.append(_taken_out(call, promotion_id, len(page)))
    told = ValuesTold(
        values=[ValueHead(**_head(each, call)) for each in page],
        sums=_sums(page, call),
        after=page[-1].terms.code if len(found) > most else None,
    )
    return Reply(body=told)


def one(call: Call) -> Reply:
    """A value with its entries."""
    value = values_table.get(_code(call))
    if value is None:
        raise Absent("value of this code")
    return _told(value, call)


def withdraw(call: Call) -> Reply:
    """Takes value away, with its deed; the same work again is the same."""
    asked, code = call.asked(WithdrawAsked), _code(call)
    cause = joined(("withdrawn", call.work_id))
    seen = values_table.read(code, cause=cause)
    entries = moves.withdraw(seen, cause, asked.amount_minor, asked.why, _here(seen, call))
    if not entries or seen.value is None:
        return _told(_standing(seen), call)
    if call.version not in (None, seen.value.version):
        raise Conflict(f"the value is at version {seen.value.version}")
    after = _standing(values_table.with_entries(seen, entries))
    deed = Deed(
        who=call.caller.id,
        at=call.now,
        what="value_withdrawn",
        subjects=(f"code:{code}", f"promotion:{after.terms.promotion_id}"),
        why=asked.why,
        before=_text(seen.value),
        after=_text(after),
    )
    audit_table.append(deed, partial(values_table.put, seen, entries))
    return _told(after, call)


def _taken_out(call: Call, promotion_id: str, count: int) -> Deed:
    return Deed(
        who=call.caller.id,
        at=call.now,
        what="values_taken_out",
        subjects=(f"promotion:{promotion_id}",),
        after=json.dumps({"values": count, "after": call.query.get("after", "")}),
    )


def _here(seen: Standing, call: Call) -> Here:
    """A person is at no place: the day is that of the place which issued the value."""
    day = seen.value.terms.days.day_of(call.now) if seen.value else call.now.date()
    return Here(at=call.now, day=day, place="", who=call.caller.id)


def _standing(seen: Standing) -> Value:
    if seen.value is None:
        raise Absent("value of this code")
    return seen.value


def _told(value: Value, call: Call) -> Reply:
    before, most = _before(call), parameters.page_size(call.query)
    entries = reversed(values_table.entries_of(value.terms.code))
    older = [each for each in entries if before is None or each.number < before]
    told = ValueTold(
        **_head(value, call),
        entries=[_entry(each) for each in older[:most]],
        after=str(older[most - 1].number) if len(older) > most else None,
    )
    return Reply(body=told, version=value.version)


def _head(value: Value, call: Call) -> dict[str, object]:
    terms = value.terms
    return {
        "code": terms.code,
        "promotion_id": terms.promotion_id,
        "voucher_class": terms.voucher_class,
        "currency": terms.currency,
        "issued_minor": value.issued_minor,
        "topped_up_minor": value.topped_up_minor,
        "withdrawn_minor": value.withdrawn_minor,
        "paid_minor": value.paid_minor,
        "available_minor": value.available_minor,
        "held_minor": value.held_minor,
        "spent_minor": value.spent_minor,
        "expires_on": terms.expires_on,
        "expired": terms.is_over(call.now),
        "version": value.version,
    }


def _sums(page: Sequence[Value], call: Call) -> list[SumTold]:
    counted: Counter[tuple[str, str, bool]] = Counter()
    summed: Counter[tuple[str, str, bool]] = Counter()
    for value in page:
        terms = value.terms
        key = terms.voucher_class, terms.currency, terms.is_over(call.now)
        counted[key] += 1
        summed[key] += value.outstanding_minor()
    return [
        SumTold(
            voucher_class=key[0],
            currency=key[1],
            expired=key[2],
            values=counted[key],
            outstanding_minor=summed[key],
        )
        for key in sorted(counted)
    ]


def _entry(entry: Entry) -> EntryTold:
    return EntryTold(
        number=entry.number,
        kind=entry.kind,
        amount_minor=entry.amount_minor,
        at=entry.at,
        day=entry.day,
        place=entry.place,
        order=entry.order,
        payment=entry.payment,
        asked_minor=entry.asked_minor,
        paid_minor=entry.paid_minor,
        until=entry.until,
        because=entry.because,
        who=entry.who,
    )


def _code(call: Call) -> str:
    code = canonical(parameters.name_asked(call, "code"))
    if not code:
        raise Absent("value of this code")
    return code


def _before(call: Call) -> int | None:
    text = parameters.after(call)
    if text is None:
        return None
    if not (text.isascii() and text.isdecimal() and len(text) <= 9):
        raise Invalid("after", "must be as the page before said it")
    return int(text)


def _text(value: Value) -> str:
    parts = ("available_minor", "held_minor", "spent_minor", "withdrawn_minor", "version")
    return json.dumps({name: getattr(value, name) for name in parts})
