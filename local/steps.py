"""The steps of a run on screen: a bar for whatever lasts, and a line for what is done."""

import time
from collections.abc import Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    SpinnerColumn,
    TaskID,
    TextColumn,
    TimeElapsedColumn,
)

# Where nobody watches a bar, a step in a log says how far it is this often.
SAY_EVERY_S = 15.0


class Step:
    """One step under way. Threads may advance it at once."""

    def __init__(self, console: Console, title: str, bar: Progress | None, task: TaskID) -> None:
        self.result = ""
        self._console = console
        self._title = title
        self._bar = bar
        self._task = task
        self._done = 0
        self._said = time.monotonic()

    def advance(self) -> None:
        """One more of what the step counts."""
        self._done += 1
        if self._bar:
            self._bar.advance(self._task)
        else:
            self._say(f"{self._done} done")

    def tell(self, what: str) -> None:
        """What is going on just now."""
        if self._bar:
            self._bar.update(self._task, what=what)
        else:
            self._say(what)

    def _say(self, what: str) -> None:
        if time.monotonic() - self._said >= SAY_EVERY_S:
            self._said = time.monotonic()
            self._console.print(f"  {self._title}: {what}", highlight=False)


class Steps:
    """A run's steps, one after the other, and how long each took."""

    def __init__(self, console: Console) -> None:
        self.seconds: dict[str, float] = {}
        self._console = console

    @contextmanager
    def step(self, title: str, total: int | None = None) -> Iterator[Step]:
        """A step; what is put into its `result` is told when it is done."""
        begun = time.monotonic()
        if self._console.is_terminal:
            with self._progress(total) as bar:
                step = Step(self._console, title, bar, bar.add_task(title, total=total, what=""))
                yield step
        else:
            step = Step(self._console, title, None, TaskID(0))
            yield step
        self.seconds[title] = round(time.monotonic() - begun, 1)
        took = f"{self.seconds[title]:6.1f} s"
        self._console.print(
            f"[green]done[/] {took}  {title}[dim]  {step.result}[/]", highlight=False
        )

    def _progress(self, total: int | None) -> Progress:
        counted = (BarColumn(), MofNCompleteColumn()) if total else ()
        return Progress(
            SpinnerColumn(),
            TextColumn("{task.description}"),
            *counted,
            TimeElapsedColumn(),
            TextColumn("[dim]{task.fields[what]}"),
            console=self._console,
            transient=True,
        )
