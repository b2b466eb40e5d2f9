"""What came of a run: the figures that the stack holds, and `out/run.json`."""

import json
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from local.aws import LocalAws
from local.books import Reconciled
from local.cast import PARTS
from local.compare import Verdict, ledger, spelt
from local.dealing import SHOPS, place
from local.deliver import Receipt
from local.fidelity import Held
from local.front_end import REPORTING
from local.gaps import Found, faults
from local.marketing import Kept
from local.recount import FINDINGS, Figures
from local.tables import Item, document, items, number, text
from local.vendors.slack import Posted
from local.world import World

_NO_TILLS = ("salesforce#", "google_analytics#")


@dataclass(frozen=True, slots=True)
class Alarm:
    """One alarm, as far as a summary needs it."""

    alarm_id: str
    rule: str
    code: str
    day: str
    state: str
    orders: int
    at_risk_minor: int


@dataclass(frozen=True, slots=True)
class CampaignRow:
    """What a campaign's codes did in the window."""

    campaign: str
    name: str
    uses: int
    discount_minor: int
    revenue_minor: int
    leaked: int
    leaked_minor: int


@dataclass(slots=True)
class Outcome:
    """Everything that a run ends with.

    `counted` is the recount, `figures` the stack's own totals, `uncalled` its orders of tills that
    never call, `webhooks` those that a sweep by the clock found off; `example` is the key of an
    order with a code, to open.
    """

    world: World
    receipt: Receipt
    counted: Figures = field(default_factory=dict)
    figures: Figures = field(default_factory=dict)
    example: str = ""
    campaigns: list[CampaignRow] = field(default_factory=list)
    channels: Mapping[str, Figures] = field(default_factory=dict)
    alarms: list[Alarm] = field(default_factory=list)
    posted: list[Posted] = field(default_factory=list)
    before: Reconciled | None = None
    after: Reconciled | None = None
    swept: int = 0
    uncalled: int = 0
    webhooks: list[Found] = field(default_factory=list)
    marketing: Kept = field(default_factory=Kept)
    fidelity: Held = field(default_factory=Held)
    verdicts: list[Verdict] = field(default_factory=list)
    dead: Mapping[str, int] = field(default_factory=dict)
    endpoints: Mapping[str, str] = field(default_factory=dict)
    reports: Mapping[str, str] = field(default_factory=dict)
    variables: Mapping[str, str] = field(default_factory=dict)
    seconds: Mapping[str, float] = field(default_factory=dict)

    def leak_alarms(self) -> list[Alarm]:
        """The alarms on the code that was made to leak."""
        leak = self.world.leak
        return [each for each in self.alarms if leak and each.code == leak.code]

    def leak_messages(self) -> list[Posted]:
        """What Slack was told of that code."""
        leak = self.world.leak
        return [each for each in self.posted if leak and leak.code in spelt(each.text)]

    def faults(self) -> list[str]:
        """Why the run is not green, each in a sentence; nothing where it is."""
        found = [f"{each.side}: {line}" for each in self.verdicts for line in each.differences]
        found += [f"delivery: {each}" for each in self.receipt.surprises]
        found += [f"marketing: {each}" for each in self.marketing.faults]
        found += faults(self.webhooks)
        found += self.fidelity.faults(self.world)
        found += [f"dead letters: {count} on {name}" for name, count in self.dead.items()]
        if self.world.leak and not self.leak_alarms():
            found.append(f"no alarm was raised for the leaked code {self.world.leak.code}")
        if self.world.leak and not self.leak_messages():
            found.append("Slack was not told of the leaked code")
        if self.after and (missing := self.after.breaks.get("missing_in_ledger")):
            found.append(f"{missing} orders are still missing after the sweep")
        return found


def collect(outcome: Outcome, aws: LocalAws) -> None:
    """Reads the stack's tables into the outcome."""
    figures = ledger(aws)
    outcome.figures = _totals(figures)
    outcome.uncalled = sum(
        figures.get(f"orders.account.{shop.platform}/{shop.account}", 0)
        for shop in SHOPS
        if not PARTS[shop.platform].calls
    )
    outcome.campaigns, outcome.channels = _insight(aws)
    outcome.alarms = sorted(_alarms(aws), key=lambda each: each.alarm_id)
    returned = "partially_returned"
    with_code = [each for each in items(aws, "Redemptions") if text(each, "code")]
    with_code.sort(key=lambda each: (text(each, "state") != returned, text(each, "pk")))
    outcome.example = text(with_code[0], "pk") if with_code else ""


def swept(aws: LocalAws) -> int:
    """How many facts the sweeps found that no webhook had told; vouchers and sightings are none."""
    cursors = (each for each in items(aws, "Cursors") if not text(each, "pk").startswith(_NO_TILLS))
    return sum(number(item, "found") for item in cursors)


def write(outcome: Outcome, aws: LocalAws, path: Path) -> None:
    """Writes `run.json`."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(said(outcome, aws), indent=2) + "\n", encoding="utf-8")


def said(outcome: Outcome, aws: LocalAws) -> dict[str, object]:
    """The run as plain JSON."""
    faults = outcome.faults()
    return {
        "window": {
            "first": outcome.world.first.isoformat(),
            "last": outcome.world.last.isoformat(),
            "days": outcome.world.days,
        },
        "green": not faults,
        "faults": faults,
        "figures": figures(outcome),
        "recount": {
            "equal": all(each.equal for each in outcome.verdicts),
            "sides": {
                each.side: {"compared": each.compared, "differences": list(each.differences)}
                for each in outcome.verdicts
            },
            "counted": outcome.counted,
        },
        "alarms": [
            {name: getattr(each, name) for name in Alarm.__dataclass_fields__}
            for each in outcome.alarms
        ],
        "endpoints": dict(outcome.endpoints),
        "tables": _outputs(aws, "Table"),
        "buckets": _outputs(aws, "Bucket"),
        "reports": dict(outcome.reports),
        "seconds": dict(outcome.seconds),
    }


def figures(outcome: Outcome) -> dict[str, int]:
    """Every figure of the summary by name; amounts are in cents."""
    receipt, world = outcome.receipt, outcome.world
    totals, by = outcome.figures, outcome.marketing.by
    made = {
        "orders": totals.get("orders", 0),
        "redemptions_confirmed": totals.get("redemptions.confirmed", 0),
        "redemptions_redeemed": totals.get("redemptions.redeemed", 0),
        "redemptions_partially_returned": totals.get("redemptions.partially_returned", 0),
        "redemptions_rolled_back": totals.get("redemptions.rolled_back", 0),
        "redemptions_without_effect": totals.get("redemptions.no_effect", 0),
        "discount_minor": totals.get("redemptions.discount_minor", 0),
        "returned_minor": totals.get("redemptions.returned_minor", 0),
        "revenue_minor": totals.get("redemptions.revenue_minor", 0),
        "unmapped_discounts": totals.get("unmapped.confirmed", 0),
        "unmapped_discount_minor": totals.get("unmapped.discount_minor", 0),
        "alarms": len(outcome.alarms),
        "alarms_on_the_leak": len(outcome.leak_alarms()),
        "slack_messages": len(outcome.posted),
        "deliveries_sent": receipt.sent,
        "deliveries_refused": receipt.refused,
        "orders_lost_on_the_way": _untold(world),
        "orders_of_tills_that_never_call": outcome.uncalled,
        "facts_found_by_sweeps": outcome.swept,
        "webhooks_made_again": sum(each.state == "made_again" for each in outcome.webhooks),
        "contacts_posted": by["door"] + by["mail"],
        "contacts_of_the_register": by["register"],
        "codes_given_by_salesforce": by["cloud"] + by["loyalty"],
        "visits_just_now": outcome.marketing.seen_now,
        "contacts_refused": outcome.marketing.refused,
        "orders_injected": len(world.leak.sales) if world.leak else 0,
        "orders_with_an_injected_fate": len(world.fates),
        "figures_compared": sum(each.compared for each in outcome.verdicts),
    }
    for name, run in (("before", outcome.before), ("after", outcome.after)):
        for kind, count in (run.breaks if run else {}).items():
            made[f"breaks_{name}_the_sweep_{kind}"] = count
    for shop in REPORTING:
        name = f"pages_of_{shop.account.replace('-', '_')}"
        for finding in FINDINGS:
            made[f"{name}_{finding}"] = outcome.fidelity.of(shop, finding)
        rate = outcome.fidelity.under_reporting(shop)
        made[f"{name}_under_reporting_millionths"] = round(rate * 1_000_000)
    if outcome.before:
        for name, calls in (("that_call", True), ("that_never_call", False)):
            made[f"missing_before_the_sweep_at_tills_{name}"] = outcome.before.missing_at(
                calls=calls
            )
    return made


def _untold(world: World) -> int:
    """Orders of which no webhook came though their till calls: lost, or never sent."""
    rung = ((sale, PARTS[place(sale.store).shop.platform]) for sale in world.sales)
    return sum(
        sale.number in world.lost or next(part.messages(sale), None) is None
        for sale, part in rung
        if part.calls
    )


def _totals(found: Figures) -> Figures:
    return {name: value for name, value in found.items() if name.count(".") < 2}


def _insight(aws: LocalAws) -> tuple[list[CampaignRow], dict[str, Figures]]:
    """Campaigns and channels, their days added up."""
    names = _campaign_names(aws)
    campaigns: dict[str, Counter[str]] = {}
    channels: dict[str, Counter[str]] = {}
    for item in items(aws, "Insight"):
        kind, _, name = text(item, "pk").partition("#")
        shelf = {"campaign": campaigns, "channel": channels}.get(kind)
        if shelf is not None:
            counted = {each: number(item, each) for each in item if each not in {"pk", "sk"}}
            shelf.setdefault(name, Counter()).update(counted)
    rows = [_campaign(name, names.get(name, ""), sums) for name, sums in sorted(campaigns.items())]
    return rows, {name: dict(sums) for name, sums in sorted(channels.items())}


def _campaign(campaign: str, name: str, sums: Mapping[str, int]) -> CampaignRow:
    return CampaignRow(
        campaign=campaign,
        name=name,
        uses=sums.get("campaign_credits", 0),
        discount_minor=sums.get("discount_minor", 0),
        revenue_minor=sums.get("revenue_minor", 0),
        leaked=sums.get("leaked", 0),
        leaked_minor=sums.get("leaked_minor", 0),
    )


def _campaign_names(aws: LocalAws) -> dict[str, str]:
    names = {}
    for item in items(aws, "Register"):
        if text(item, "sk").startswith("now#") and text(item, "pk").startswith("campaign"):
            told = document(item)
            if isinstance(told, dict) and "campaign_id" in told:
                names[str(told["campaign_id"])] = str(told["name"])
    return names


def _alarms(aws: LocalAws) -> list[Alarm]:
    return [
        _alarm(item)
        for item in items(aws, "Alarms")
        if text(item, "pk").startswith("day#") and text(item, "sk").startswith("alarm#")
    ]


def _alarm(item: Item) -> Alarm:
    told = document(item)
    if not isinstance(told, dict):
        raise TypeError(f"the alarm {text(item, 'sk')} has no body")
    at_risk = told.get("at_risk") or []
    return Alarm(
        alarm_id=str(told["alarm_id"]),
        rule=str(told["rule"]),
        code=spelt(str(told["code"])),
        day=str(told["day"]),
        state=str(told["state"]),
        orders=int(told.get("orders") or 0),
        at_risk_minor=sum(int(minor) for _, minor in at_risk),
    )


def _outputs(aws: LocalAws, kind: str) -> dict[str, str]:
    named = {name: value for name, value in aws.outputs.items() if name.endswith(kind)}
    return {name.removesuffix(kind).lower(): value for name, value in sorted(named.items())}
