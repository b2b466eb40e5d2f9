"""The end of a run in words that a marketing manager reads: what the codes did, and is it true."""

from collections.abc import Iterable
from pathlib import Path

from rich import box
from rich.console import Console, Group
from rich.panel import Panel
from rich.table import Table
from rich.text import Text

from local.books import Reconciled
from local.dealing import PLATFORMS
from local.front_end import REPORTING
from local.outcome import Outcome, figures
from local.recount import FINDINGS
from local.world import World

_MODELS = ("first", "last", "linear", "position", "time_decay")
_MOST_FAULTS = 20


def show(outcome: Outcome, out: Path, console: Console) -> None:
    """Prints the summary."""
    for part in (
        _title(outcome),
        _codes(outcome),
        _campaigns(outcome),
        _channels(outcome),
        _alarm(outcome),
        _pages(outcome),
        _road(outcome),
        _truth(outcome),
        _places(outcome, out),
    ):
        console.print(part)
        console.print()


def money(cents: int) -> str:
    """Cents as dollars for people."""
    return f"${cents / 100:,.2f}"


def _title(outcome: Outcome) -> Panel:
    world, made = outcome.world, figures(outcome)
    shops = f"{len(PLATFORMS)} platforms, {len(world.stores())} stores"
    lines = Group(
        Text(_span(world), style="bold"),
        Text(f"{made['orders']:,} orders from {shops}"),
    )
    return Panel(lines, title="Vouchsafe", box=box.ROUNDED, expand=False, padding=(0, 2))


def _span(world: World) -> str:
    first, last = (f"{day:%A %d %B %Y}" for day in (world.first, world.last))
    return first if first == last else f"{first} to {last}"


def _codes(outcome: Outcome) -> Table:
    made = figures(outcome)
    rows = (
        ("confirmed: served and paid", "redemptions_confirmed"),
        ("returned in part", "redemptions_partially_returned"),
        ("rolled back: cancelled, or everything returned", "redemptions_rolled_back"),
        ("placed, not paid yet: counts nowhere", "redemptions_redeemed"),
    )
    table = _table("What the codes did", ("", "left"), ("redemptions", "right"))
    for said, name in rows:
        table.add_row(said, f"{made[name]:,}")
    table.add_section()
    table.add_row("discount given by codes", money(made["discount_minor"]))
    table.add_row("  of it taken back by returns", money(made["returned_minor"]))
    table.add_row("sales on those orders, after returns", money(made["revenue_minor"]))
    table.add_row(
        "codes that stood on the bill and took nothing off",
        f"{made['redemptions_without_effect']:,}",
    )
    table.add_row("discount that no code stands for", money(made["unmapped_discount_minor"]))
    return table


def _campaigns(outcome: Outcome) -> Table:
    table = _table(
        "By campaign",
        ("campaign", "left"),
        ("uses", "right"),
        ("discount", "right"),
        ("sales", "right"),
        ("leaked uses", "right"),
        ("leaked discount", "right"),
    )
    for each in (campaign for campaign in outcome.campaigns if campaign.uses or campaign.leaked):
        table.add_row(
            f"{each.campaign}  [dim]{each.name}[/]",
            f"{each.uses:,}",
            money(each.discount_minor),
            money(each.revenue_minor),
            f"[red]{each.leaked:,}[/]" if each.leaked else "",
            f"[red]{money(each.leaked_minor)}[/]" if each.leaked else "",
        )
    return table


def _channels(outcome: Outcome) -> Table:
    heads = [(model.replace("_", " "), "right") for model in _MODELS]
    table = _table(
        "Who brought the customer: sales by channel and model", ("channel", "left"), *heads
    )
    for channel, sums in outcome.channels.items():
        shares = [sums.get(f"{model}_revenue_minor", 0) for model in _MODELS]
        if any(shares):
            table.add_row(channel, *map(money, shares))
    return table


def _pages(outcome: Outcome) -> Table:
    """Equality is no goal here: blockers keep a share of all purchases from every front end."""
    heads = ("confirmed", "reported", "under-reported", "missing", "without code")
    others = ("no such order", "never paid")
    columns = ((head, "right") for head in (*heads, *others))
    table = _table("What the browsers reported", ("shop", "left"), *columns)
    for shop in REPORTING:
        told = {each: outcome.fidelity.of(shop, each) for each in FINDINGS}
        table.add_row(
            shop.account,
            f"{told['confirmed']:,}",
            f"{told['reported']:,}",
            f"{outcome.fidelity.under_reporting(shop):.1%}",
            f"{told['missing']:,}",
            f"{told['codeless']:,}",
            f"{told['no_such_order']:,}",
            f"{told['not_confirmed']:,}",
        )
    return table


def _alarm(outcome: Outcome) -> Panel:
    leak, alarms = outcome.world.leak, outcome.leak_alarms()
    lines = [Text(f"{len(outcome.alarms)} alarms in all.")]
    if leak and alarms:
        lines = [
            Text(
                f"{each.rule}: code {leak.code}, since {each.day}, {each.orders} orders,"
                f" {money(each.at_risk_minor)} at risk, {each.state}",
                style="bold red",
            )
            for each in alarms
        ] + lines
        lines.append(
            Text(
                f"(Injected: {len(leak.sales)} uses by people whom no campaign chose.)",
                style="dim",
            )
        )
    lines += [Text(f"Slack: {each.text}", style="dim") for each in outcome.leak_messages()[:1]]
    return Panel(Group(*lines), title="Alarms", box=box.ROUNDED, expand=False, padding=(0, 2))


def _road(outcome: Outcome) -> Table:
    made, receipt = figures(outcome), outcome.receipt
    table = _table("Nothing lost, nothing twice", ("", "left"), ("", "right"))
    table.add_row("deliveries sent, repeats and forgeries with them", f"{receipt.sent:,}")
    table.add_row("forged or unsigned, refused with 401", f"{receipt.refused:,}")
    table.add_row(
        "orders of which no webhook came: lost, or the till tells of no such",
        f"{made['orders_lost_on_the_way']:,}",
    )
    table.add_row("  missing in the ledger before the sweep", _missing(outcome.before, calls=True))
    table.add_row("orders of tills that never call", f"{outcome.uncalled:,}")
    table.add_row("  missing in the ledger before the sweep", _missing(outcome.before, calls=False))
    table.add_row("facts that the sweep found, of both", f"{outcome.swept:,}")
    table.add_row("  orders missing in the ledger after it", _still_missing(outcome.after))
    table.add_row("webhooks found off by the clock's sweep", f"{len(outcome.webhooks):,}")
    for each in outcome.webhooks:
        table.add_row(f"  {each.said()}", "")
    if outcome.after:
        table.add_row("orders matched with the tills' own lists", f"{outcome.after.matched:,}")
        for kind, count in outcome.after.breaks.items():
            table.add_row(f"  left as {kind.replace('_', ' ')}", f"{count:,}")
    _contacts(outcome, table)
    return table


def _contacts(outcome: Outcome, table: Table) -> None:
    """Every number of contacts is what the stack kept, each once however often it was told."""
    by, kept = outcome.marketing.by, outcome.marketing
    table.add_section()
    table.add_row("clicks and visits posted by marketing tools, kept once", f"{by['door']:,}")
    table.add_row("clicks told by Marketing Cloud's callback", f"{by['mail']:,}")
    table.add_row("visits that pages told of just now", f"{kept.seen_now:,}")
    table.add_row("calls forged, unsigned or stale, refused with 401", f"{kept.refused:,}")
    table.add_row("codes given to people: out of data extensions", f"{by['cloud']:,}")
    table.add_row("  as vouchers of Loyalty Management", f"{by['loyalty']:,}")
    table.add_row("publications in the register's file", f"{by['register']:,}")


def _missing(run: Reconciled | None, *, calls: bool) -> str:
    return f"{run.missing_at(calls=calls):,}" if run else ""


def _still_missing(run: Reconciled | None) -> str:
    return f"{run.breaks.get('missing_in_ledger', 0):,}" if run else ""


def _truth(outcome: Outcome) -> Panel:
    faults = outcome.faults()
    if not faults:
        sides = ", ".join(f"{each.side} {each.compared:,}" for each in outcome.verdicts)
        said = Text.assemble(
            ("Equal to the cent. ", "bold green"),
            f"An independent count straight from the data set agrees with all figures of: {sides}.",
        )
        return Panel(said, title="Is it true?", border_style="green", expand=False, padding=(0, 2))
    lines = [Text(f"{len(faults)} faults", style="bold red"), *_first(faults)]
    return Panel(Group(*lines), title="Is it true?", border_style="red", expand=False)


def _first(faults: list[str]) -> Iterable[Text]:
    yield from (Text(each) for each in faults[:_MOST_FAULTS])
    if len(faults) > _MOST_FAULTS:
        yield Text(f"... and {len(faults) - _MOST_FAULTS} more in run.json", style="dim")


def _places(outcome: Outcome, out: Path) -> Table:
    table = _table("Where it lies", ("", "left"), ("", "left"))
    table.add_row("every figure by name", str(out / "run.json"))
    table.add_row("reports: Parquet, CSV, workbook", str(out / "reports"))
    for name, address in outcome.endpoints.items():
        table.add_row(name, address)
    table.add_row("one order from fact to report", f"make trace ORDER='{outcome.example}'")
    table.add_row("for such commands", " ".join(f"{k}={v}" for k, v in outcome.variables.items()))
    return table


def _table(title: str, *columns: tuple[str, str]) -> Table:
    table = Table(title=title, box=box.SIMPLE_HEAD, title_justify="left", title_style="bold")
    for head, justify in columns:
        table.add_column(head, justify="right" if justify == "right" else "left")
    return table
