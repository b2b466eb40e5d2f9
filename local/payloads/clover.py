"""Clover's side: hints of ids for an application's merchants, and the documents of its API.

One merchant rings up every store that is dealt to Clover. What its lines and discounts look like is
in `clover_bill`.
"""

from collections.abc import Iterable, Iterator, Sequence

from local.dealing import CLOVER, CURRENCY, Shop
from local.injections import drawn
from local.payloads.clover_bill import line_id, lines, ms, of_order, order_id, returned
from local.payloads.message import Document, Headers, Json, Message, encoded
from local.payloads.timeline import Step, last, paid_at, steps
from local.till import Sale

MERCHANT = "CJMERCHANT001"
# Another merchant that installed the same application: its news come in the same batches.
STRANGER = "CJMERCHANT999"
STRANGERS_ONE_IN = 5
GREETING = "verification"


def payment_id(number: int) -> str:
    return f"CJPAY{number}"


def refund_id(number: int) -> str:
    return f"CJREFUND{number}"


def customer_id(household: int) -> str:
    return f"CJCUSTOMER{household}"


def messages(sale: Sale) -> Iterator[Message]:
    """The deliveries about one sale, oldest first."""
    for step in steps(sale):
        changes = list(_changes(sale, step))
        yield Message(CLOVER, sale.number, changes[0][0], step.at, _batch(sale, step, changes))


def greeting(shop: Shop, sale: Sale) -> Iterable[Message]:
    """What Clover posts when somebody saves the webhook's address in its dashboard."""
    body = encoded({"verificationCode": "ce7643c1-83ea-4218-abe6-da876c9c7a0a"})
    return [Message(shop, sale.number, GREETING, sale.placed_at, body)]


def headers(message: Message) -> Headers:
    """The delivery's headers: the application's auth code, which a greeting cannot have yet."""
    told = {"Content-Type": "application/json"}
    if message.event == GREETING:
        return told
    return told | {"X-Clover-Auth": message.shop.signing_keys[0]}


def order(sale: Sale) -> Document:
    """The order in its last state, with everything that may be expanded."""
    step = last(sale)
    gone: Document = {"deletedTimestamp": ms(step.at)} if step.stage == "cancelled" else {}
    return {
        "href": f"https://api.clover.com/v3/merchants/{MERCHANT}/orders/{order_id(sale.number)}",
        "id": order_id(sale.number),
        "currency": CURRENCY,
        "employee": {"id": f"CJEMPLOYEE{sale.store}"},
        "customers": {"elements": [{"id": customer_id(sale.household)}]},
        "device": {"id": f"00000000-0000-4000-8000-{sale.store:012d}"},
        "total": sale.total,
        **_states(sale, step),
        "taxRemoved": False,
        "isVat": False,
        "manualTransaction": False,
        "groupLineItems": True,
        "testMode": False,
        "createdTime": ms(sale.placed_at),
        "clientCreatedTime": ms(sale.placed_at),
        "modifiedTime": ms(step.at),
        **gone,
        "lineItems": {"elements": lines(sale)},
        "discounts": {"elements": of_order(sale)},
        "payments": {"elements": [payment(sale)] if _is_charged(sale) else []},
        "refunds": {"elements": [_refund(sale)] if sale.back else []},
        "credits": {"elements": []},
        "voids": {"elements": []},
    }


def payment(sale: Sale) -> Document:
    """The payment of a sale."""
    return {
        "id": payment_id(sale.number),
        "order": {"id": order_id(sale.number)},
        "tender": {"id": "CJTENDER1", "labelKey": "com.clover.tender.cash"},
        "amount": sale.total,
        "tipAmount": 0,
        "taxAmount": 0,
        "result": "SUCCESS",
        "employee": {"id": f"CJEMPLOYEE{sale.store}"},
        "createdTime": ms(paid_at(sale)),
        "modifiedTime": ms(paid_at(sale)),
    }


def customer(sale: Sale) -> Document:
    """The customer's record, personal data and all."""
    emails: list[Json] = [{"id": f"CJMAIL{sale.household}", "emailAddress": sale.email}]
    phone = f"+1513555{sale.household % 10000:04d}"
    phones: list[Json] = [{"id": f"CJPHONE{sale.household}", "phoneNumber": phone}]
    return {
        "id": customer_id(sale.household),
        "firstName": "Ren\u00e9e",
        "lastName": f"Household{sale.household}",
        "marketingAllowed": True,
        "emailAddresses": {"elements": emails},
        "phoneNumbers": {"elements": phones},
    }


def _is_charged(sale: Sale) -> bool:
    """Of an order of nothing Clover makes no payment."""
    return sale.paid and not sale.cancelled_at and sale.total > 0


def _changes(sale: Sale, step: Step) -> Iterator[tuple[str, str]]:
    """What is told of a step: the kind of change, and the object."""
    told = f"O:{order_id(sale.number)}"
    if step.stage == "placed":
        yield "CREATE", told
    elif step.stage == "cancelled":
        yield "DELETE", told
    else:
        yield "UPDATE", told
    if step.stage == "paid" and _is_charged(sale):
        yield "CREATE", f"P:{payment_id(sale.number)}"


def _batch(sale: Sale, step: Step, changes: Sequence[tuple[str, str]]) -> bytes:
    at = ms(step.at)
    told: list[Json] = [{"objectId": each, "type": kind, "ts": at} for kind, each in changes]
    merchants: Document = {MERCHANT: told}
    if drawn(sale.number, "stranger", STRANGERS_ONE_IN):
        merchants[STRANGER] = [{"objectId": "O:CJORDERX1", "type": "UPDATE", "ts": at}]
    return encoded({"appId": CLOVER.shop, "merchants": merchants})


def _states(sale: Sale, step: Step) -> Document:
    """An order of nothing is locked like a paid one, though nobody paid."""
    if step.stage in {"placed", "cancelled"}:
        return {"state": "open", "paymentState": "OPEN"}
    if not sale.total:
        return {"state": "locked", "paymentState": "OPEN"}
    if sale.back is None:
        return {"state": "locked", "paymentState": "PAID", "payType": "FULL"}
    state = "REFUNDED" if sale.returned_in_full else "PARTIALLY_REFUNDED"
    return {"state": "locked", "paymentState": state, "payType": "FULL"}


def _refund(sale: Sale) -> Json:
    """A refund names its lines or leaves it to them to say that they came back."""
    if sale.back is None:
        raise ValueError(f"nothing of sale {sale.number} came back")
    lines: list[Json] = [{"id": line_id(sale.number, each)} for each in returned(sale)]
    named: Document = {"lineItems": {"elements": lines}} if sale.number % 2 else {}
    return {
        "id": refund_id(sale.number),
        "orderRef": {"id": order_id(sale.number)},
        "payment": {"id": payment_id(sale.number)},
        "amount": sale.refunded(),
        "taxAmount": 0,
        "tipAmount": 0,
        "status": "SUCCESS",
        "voided": False,
        "createdTime": ms(sale.back.at),
        "employee": {"id": f"CJEMPLOYEE{sale.store}"},
        **named,
    }
