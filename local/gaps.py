"""What the gap-finder says in the stack: webhooks that a sweep by the clock found wanting."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from local.aws import LocalAws
from local.dealing import SHOPS
from local.tables import document, items, text
from local.vendors.woocommerce import SWITCHED_OFF


@dataclass(frozen=True, slots=True)
class Found:
    """One subscription that was not on, and what became of it."""

    platform: str
    account: str
    event: str
    state: str
    why: str

    def said(self) -> str:
        """For people, in short."""
        return f"{self.account}: {self.event}, {self.state.replace('_', ' ')}"


def found(aws: LocalAws) -> list[Found]:
    """Every subscription of the Cursors table's gaps, in the order of their places."""
    told = set(_found(aws))
    return sorted(told, key=lambda each: (each.platform, each.account, each.event, each.state))


def _found(aws: LocalAws) -> Iterator[Found]:
    for item in items(aws, "Cursors"):
        gap = document(item) if text(item, "sk").startswith("gap#") else None
        if isinstance(gap, dict):
            for each in gap.get("subscriptions") or ():
                yield Found(
                    platform=str(gap["platform"]),
                    account=str(gap["account"]),
                    event=str(each["event"]),
                    state=str(each["state"]),
                    why=str(each.get("why") or ""),
                )


def faults(told: Iterable[Found]) -> list[str]:
    """What differs from the one webhook that was switched off for the run, and must be on again."""
    account, event = SWITCHED_OFF
    platform = next(shop.platform for shop in SHOPS if shop.account == account)
    wanted = (platform, account, event, "made_again")
    seen = {(each.platform, each.account, each.event, each.state): each for each in told}
    strange = [
        f"a webhook: {each.said()} ({each.why})" for key, each in seen.items() if key != wanted
    ]
    if wanted not in seen:
        strange.append(f"the webhook {event} of {account} was switched off, and is not made again")
    return strange
