"""Does the page for accountants say, in cents, what is booked?"""

from pathlib import Path

from tests.pure.test_posting import amounts, of_class, used
from tests.pure.test_posting import booked as of_redemption
from tests.pure.test_value_posting import LATER, SINGLE, made
from tests.pure.test_value_posting import booked as of_value

Row = tuple[str, dict[str, int]]


def tables() -> list[list[Row]]:
    """The page's worked examples: cause, and debits less credits by role."""
    page = Path("docs/postings.md").read_text().split("## By class")[1].split("\n## ")[0]
    found: list[list[Row]] = []
    roles: list[str] = []
    for line in page.splitlines():
        cells = [cell.strip().strip("`") for cell in line.strip("|").split("|")]
        if not line.startswith("|") or set(line) <= set("|-: "):
            continue
        if not cells[0]:
            roles = cells[1:]
            found.append([])
        else:
            said = {role: int(cell) for role, cell in zip(roles, cells[1:], strict=True) if cell}
            found[-1].append((cells[0].split("`")[0], said))
    return found


def test_the_worked_examples_are_what_is_booked() -> None:
    discount = of_redemption(used(), of_class("discount"), returned=[333, 1000])
    single = of_value(made(("spent o1", 1000), terms=SINGLE, paid=800))
    moves = made(("spent o1", 300), ("given_back o1", 100), paid=800)
    multi = of_value(moves, now=LATER)

    assert tables() == [
        [(each.cause, amounts(each)) for each in documents]
        for documents in (discount, single, multi)
    ]
