"""Progress of a command on standard error: a bar on a terminal, else nothing but messages."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from rich.progress import Progress, TaskID


class Reporter:
    """Takes what was done, and messages."""

    def __init__(self, bar: "Progress | None" = None, task: "TaskID | None" = None) -> None:
        """Use `reporting`."""
        self._bar = bar
        self._task = task
        self._items = 0

    def advance(self, size: int) -> None:
        """One more item of `size` bytes is done."""
        self._items += 1
        if self._bar is not None and self._task is not None:
            self._bar.update(self._task, advance=size, items=self._items)

    def show(self, text: str) -> None:
        """Prints a result on standard output; on a terminal that has the bar as well, above it."""
        if self._bar is not None and sys.stdout.isatty():
            self._bar.console.print(text, markup=False, highlight=False, soft_wrap=True)
        else:
            print(text)

    def say(self, text: str) -> None:
        """Prints a message above the bar."""
        if self._bar is not None:
            self._bar.console.print(text, markup=False, highlight=False)
        else:
            print(text, file=sys.stderr, flush=True)


@contextmanager
def reporting(title: str, total_bytes: int | None) -> Iterator[Reporter]:
    """Shows progress while the block runs; `total_bytes` None when it is not known."""
    if not sys.stderr.isatty():
        yield Reporter()
        return
    from rich.console import Console
    from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn, TimeRemainingColumn

    columns = (
        TextColumn(title),
        BarColumn(),
        TextColumn("{task.fields[items]} done"),
        TimeElapsedColumn(),
        TimeRemainingColumn(),
    )
    with Progress(*columns, console=Console(stderr=True)) as bar:
        yield Reporter(bar, bar.add_task(title, total=total_bytes, items=0))
