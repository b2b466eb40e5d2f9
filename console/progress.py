"""A bar for whoever waits longer than two seconds."""

import time
from types import TracebackType

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

_QUIET_S = 2.0


class Bar:
    """One bar for several steps. It shows itself after two seconds, on a terminal as a bar and
    elsewhere as one line for each step."""

    def __init__(self) -> None:
        self._console = Console(stderr=True)
        self._began = time.monotonic()
        self._progress: Progress | None = None
        self._step = ""

    def __enter__(self) -> "Bar":
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._progress:
            self._progress.stop()

    def tell(self, step: str, done: int, of: int) -> None:
        """So much of the step is done."""
        if time.monotonic() - self._began < _QUIET_S:
            return
        if not self._console.is_terminal:
            self._say(step, of)
            return
        bar = self._progress or self._shown()
        if step != self._step:
            for task in bar.task_ids:
                bar.remove_task(task)
            bar.add_task(step, total=of)
        self._step = step
        bar.update(bar.task_ids[-1], completed=done, total=of)

    def _say(self, step: str, of: int) -> None:
        if step != self._step:
            self._console.print(f"{step}: {of} to do ...", highlight=False)
        self._step = step

    def _shown(self) -> Progress:
        self._progress = Progress(
            TextColumn("{task.description}"),
            BarColumn(),
            MofNCompleteColumn(),
            TimeElapsedColumn(),
            console=self._console,
            transient=True,
        )
        self._progress.start()
        return self._progress
