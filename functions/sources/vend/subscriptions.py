"""The shop's wish to tell us of its sales: looked at, and made again where it is gone or off."""

from vouchsafe.pure.connection import Connection
from vouchsafe.pure.errors import Refused
from vouchsafe.pure.pull import Send, Subscription

from .calls import Plain, Vend
from .notices import SALE


def check(send: Send, connection: Connection) -> tuple[Subscription, ...]:
    """What stands of it. Only an application's own token makes webhooks that are signed."""
    shop = Vend(send, connection)
    url = connection.notification_url
    ours = [each for each in shop.webhooks() if (each.get("type"), each.get("url")) == (SALE, url)]
    if any(each.get("active") is True for each in ours):
        return (Subscription(event=SALE, state="on"),)
    wish: Plain = {"type": SALE, "url": url, "active": True}
    try:
        if ours:
            shop.change_webhook(str(ours[0].get("id")), wish)
        else:
            shop.make_webhook(wish)
    except Refused as refusal:
        return (_left(bool(ours), refusal),)
    why = "it was switched off" if ours else "there was none for our address"
    return (Subscription(event=SALE, state="made_again", why=why),)


def _left(there: bool, refusal: Refused) -> Subscription:
    if refusal.status == 409:
        # Another application's: this token neither sees it nor could switch it on.
        return Subscription(event=SALE, state="off", why="another application has our address")
    return Subscription(event=SALE, state="off" if there else "missing", why=str(refusal))
