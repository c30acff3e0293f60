"""All checks and attacks together: which, in what order, how many at once."""

import asyncio
import fnmatch
import time
from collections.abc import Awaitable, Callable, Sequence

from codaserve.doctor.attack import Attack
from codaserve.doctor.attacks.every import ATTACKS
from codaserve.doctor.attempt import attempt
from codaserve.doctor.check import GROUP, Check, perform
from codaserve.doctor.contract import CHECKS
from codaserve.doctor.finding import Finding, failed
from codaserve.doctor.report import Row
from codaserve.doctor.target import Target

Entry = Check | Attack


def chosen(only: Sequence[str] = (), skip: Sequence[str] = ()) -> list[Entry]:
    """The entries whose `group: name` a pattern of `only` matches or is a part of, and none of `skip`.

    All without patterns.
    """
    entries: list[Entry] = [*CHECKS, *ATTACKS]
    if only:
        entries = [entry for entry in entries if any(_matches(entry.title, pattern) for pattern in only)]
    return [entry for entry in entries if not any(_matches(entry.title, pattern) for pattern in skip)]


def listing() -> str:
    """All entries as Markdown, under the names of their groups."""
    lines = []
    group = ""
    for entry in chosen():
        this = entry.group if isinstance(entry, Attack) else GROUP
        if this != group:
            lines += ["", f"## {this}", ""] if group else [f"## {this}", ""]
            group = this
        lines.append(f"- {entry.name}: {entry.tries}")
    return "\n".join(lines)


async def perform_all(
    entries: Sequence[Entry], target: Target, concurrency: int, show: Callable[[Row], None]
) -> list[Row]:
    """Rows in the order of the entries, each shown as soon as it and all before it are there.

    Args:
        entries: What to do.
        target: A connected scorer.
        concurrency: How many at once.
        show: Takes each row.
    """
    turns = asyncio.Semaphore(concurrency)
    tasks = [asyncio.create_task(_perform(entry, target, turns)) for entry in entries]
    rows = []
    try:
        for task in tasks:
            rows.append(await task)
            show(rows[-1])
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
    return rows


async def _perform(entry: Entry, target: Target, turns: asyncio.Semaphore) -> Row:
    async with turns:
        started = time.monotonic()
        if isinstance(entry, Attack):
            finding = await _in_time(attempt(entry, target), target.timeout)
            group, language = entry.group, entry.language
        else:
            finding = await _in_time(perform(entry, target), target.timeout)
            group, language = GROUP, ""
        return Row(group, entry.name, entry.tries, language, finding, time.monotonic() - started)


async def _in_time(work: Awaitable[Finding], seconds: float) -> Finding:
    try:
        return await asyncio.wait_for(work, seconds)
    except TimeoutError:
        return failed(f"not done after {seconds:g} s")


def _matches(title: str, pattern: str) -> bool:
    return fnmatch.fnmatchcase(title.lower(), pattern.lower()) or pattern.lower() in title.lower()
