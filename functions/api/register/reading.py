"""Reading the register: campaigns, promotions and codes as they stand, run, and stood before."""

from collections.abc import Iterable
from datetime import date

from vouchsafe.edge import register_table, uses_table
from vouchsafe.edge.register_table import Snapshot
from vouchsafe.pure import register_values as values
from vouchsafe.pure.asking import Call, Reply
from vouchsafe.pure.business_day import DayRule
from vouchsafe.pure.codes import canonical
from vouchsafe.pure.errors import Absent, Invalid
from vouchsafe.pure.register import Account, Campaign, Code, Location, Promotion
from vouchsafe.pure.register_entries import (
    Entry,
    Key,
    account_key,
    campaign_key,
    code_key,
    location_key,
    promotion_key,
)
from vouchsafe.pure.register_told import Cells, rows_of_entry
from vouchsafe.pure.running import best, counters, running

from . import parameters
from .promotion_words import (
    CampaignHead,
    CampaignsTold,
    CampaignTold,
    CodeTold,
    CounterTold,
    PromotionHead,
    PromotionTold,
)
from .words import RevisionTold


def campaigns(call: Call) -> Reply:
    """Campaigns by id."""
    at = register_table.snapshot()
    most = parameters.page_size(call.query)
    found, after = register_table.campaigns(at, parameters.after(call), most)
    told = [CampaignHead(row=_row(each)) for each in found]
    return Reply(body=CampaignsTold(campaigns=told, after=after, register_revision=at.revision))


def campaign(call: Call) -> Reply:
    """A campaign with its promotions."""
    desk = Desk(call)
    key = campaign_key(parameters.name_asked(call, "campaign_id"))
    found = desk.entry(key)
    if not isinstance(found, Campaign):
        raise Absent(f"campaign {call.path['campaign_id']}")
    promotions = register_table.promotions_of(found.campaign_id, desk.at)
    told = CampaignTold(
        campaign_id=found.campaign_id,
        row=_row(found),
        promotions=[desk.promotion(each) for each in promotions],
        history=desk.history(key),
        register_revision=desk.at.revision,
    )
    return Reply(body=told, version=desk.version(key))


def promotion(call: Call) -> Reply:
    """A promotion, and whether it runs now."""
    desk = Desk(call)
    key = promotion_key(parameters.name_asked(call, "promotion_id"))
    found = desk.entry(key)
    if not isinstance(found, Promotion):
        raise Absent(f"promotion {call.path['promotion_id']}")
    told = PromotionTold(
        **desk.promotion(found).model_dump(),
        history=desk.history(key),
        register_revision=desk.at.revision,
    )
    return Reply(body=told, version=desk.version(key))


def code(call: Call) -> Reply:
    """A code, however it is spelt, and whether any of its promotions runs now."""
    desk = Desk(call)
    key = code_key(_canonical(parameters.name_asked(call, "code")))
    found = desk.entry(key)
    if not isinstance(found, Code):
        raise Absent("such code")
    held = register_table.held([promotion_key(each) for each in found.promotions], desk.at)
    promotions = [
        desk.promotion(each.entry, found.canonical)
        for each in held.values()
        if isinstance(each.entry, Promotion)
    ]
    told = CodeTold(
        code=found.raw,
        canonical=found.canonical,
        running=best(each.running for each in promotions),
        promotions=promotions,
        history=desk.history(key),
        register_revision=desk.at.revision,
    )
    return Reply(body=told, version=desk.version(key))


class Desk:
    """The register at one revision, for one call."""

    def __init__(self, call: Call) -> None:
        self.at: Snapshot = register_table.snapshot()
        self._now = call.now
        self._everywhere: list[DayRule] | None = None

    def entry(self, key: Key) -> Entry | None:
        held = register_table.held([key], self.at).get(key)
        return held.entry if held else None

    def version(self, key: Key) -> int | None:
        held = register_table.held([key], self.at).get(key)
        return held.version if held else None

    def history(self, key: Key) -> list[RevisionTold]:
        return [
            RevisionTold(register_revision=revision, rows=rows_of_entry(entry)[1])
            for revision, entry in register_table.history(key, self.at)
        ]

    def promotion(self, found: Promotion, code: str = "") -> PromotionHead:
        """With the counters that all share: those of the promotion, and of one code."""
        days = self._days(found)
        asked = counters(found, self.today(found), code)
        used = uses_table.used(each.name for each in asked)
        full = any(used[each.name] >= each.most for each in asked)
        return PromotionHead(
            promotion_id=found.promotion_id,
            running=running(found, days, self._now, used_up=full),
            row=_row(found),
            counters=[
                CounterTold(
                    scope=each.scope, period=each.period, used=used[each.name], most=each.most
                )
                for each in asked
            ],
        )

    def today(self, found: Promotion) -> date:
        """The business day at its places, the latest of them."""
        return max(each.day_of(self._now) for each in self._days(found))

    def _days(self, found: Promotion) -> list[DayRule]:
        """The business days of its places, without any those of all accounts; never empty."""
        if found.places:
            return self._of_places(found.places) or [DayRule()]
        if self._everywhere is None:
            self._everywhere = [each.days for each in register_table.all_accounts()]
        return self._everywhere or [DayRule()]

    def _of_places(self, places: Iterable[str]) -> list[DayRule]:
        """A place's own day, else its account's, as judgements take it."""
        named = [values.place(each) for each in sorted(places)]
        shops = {account_key(platform, account) for platform, account, _ in named}
        held = register_table.held({*shops, *(location_key(*each) for each in named)}, self.at)
        found = []
        for platform, account, location_id in named:
            key = location_key(platform, account, location_id)
            each = held.get(key) or held.get(account_key(platform, account))
            if each and isinstance(each.entry, Account | Location):
                found.append(each.entry.days)
        return found


def _row(entry: Entry) -> Cells:
    return rows_of_entry(entry)[1][0]


def _canonical(raw: str) -> str:
    folded = canonical(raw)
    if not folded:
        raise Invalid("code", "has no letter or digit")
    return folded
