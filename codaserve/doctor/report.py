"""What doctor says: rows as they come, a summary, a report for machines."""

import json
import os
import shutil
import sys
from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import dataclass

from codaserve.doctor.finding import Finding, Status
from codaserve.v1 import scorer_pb2 as pb

_COLOURS = {Status.PASSED: "32", Status.FAILED: "31;1", Status.SKIPPED: "2"}
_NAME, _LAYER = 52, 20


@dataclass(frozen=True)
class Row:
    """One attack or check that has ended."""

    group: str
    name: str
    tries: str
    language: str
    finding: Finding
    seconds: float

    def as_text(self, width: int, *, colour: bool) -> str:
        """A line of the table."""
        status = f"{self.finding.status:7}"
        if colour:
            status = f"\x1b[{_COLOURS[self.finding.status]}m{status}\x1b[0m"
        head = f"{self.group:12} {_cut(self.name, _NAME):{_NAME}}"
        tail = f"{_cut(self.finding.layer or '-', _LAYER):{_LAYER}} {self.seconds:6.2f} s  "
        room = max(20, width - 12 - _NAME - 7 - _LAYER - 14)
        seen = self.finding.seen if self.finding.status is Status.FAILED else _cut(self.finding.seen, room)
        return f"{head} {status} {tail}{seen}".rstrip()


class Table:
    """Prints rows as they come, on a terminal with a count below them."""

    def __init__(self, total: int) -> None:
        """`total` rows are expected."""
        self._total = total
        self._done = 0
        self._counting = sys.stderr.isatty()
        self._colour = sys.stdout.isatty() and "NO_COLOR" not in os.environ
        self._width = shutil.get_terminal_size((160, 24)).columns

    def head(self) -> None:
        """The names of the columns."""
        names = f"{'group':12} {'attack or check':{_NAME}} {'result':7} {'held by':{_LAYER}} {'time':>8}  what was seen"
        print(names, flush=True)

    def add(self, row: Row) -> None:
        """One more row."""
        self._done += 1
        self.clear()
        print(row.as_text(self._width, colour=self._colour), flush=True)
        if self._counting and self._done < self._total:
            print(f"\r{self._done} of {self._total}", end="", file=sys.stderr, flush=True)

    def clear(self) -> None:
        """Takes the count away."""
        if self._counting:
            print("\r\x1b[K", end="", file=sys.stderr, flush=True)


def mode(active: Collection[str]) -> str:
    """In which of the documented ways the scorer keeps programs apart."""
    if "user_namespace" in active:
        return "(b) user namespaces"
    if {"mount_namespace", "pid_namespace"} <= set(active):
        return "(a) namespaces, as root"
    return "(c) no namespaces" if "landlock" in active or "seccomp" in active else "none"


def summary(info: pb.ScorerInfo, rows: Sequence[Row]) -> str:
    """The end of the table."""
    counts = Counter(row.finding.status for row in rows)
    active = [layer.name for layer in info.isolation if layer.active]
    lines = [
        "",
        f"isolation: {mode(active)}; in force: {', '.join(active) or 'nothing'}",
        *(f"not in force: {layer.name}: {layer.detail}" for layer in info.isolation if not layer.active),
        *(f"FAILED {row.group}: {row.name}: {row.finding.seen}" for row in rows if row.finding.status is Status.FAILED),
        f"{counts[Status.PASSED]} passed, {counts[Status.FAILED]} failed, {counts[Status.SKIPPED]} skipped",
    ]
    return "\n".join(lines)


def as_json(address: str, info: pb.ScorerInfo, rows: Sequence[Row]) -> str:
    """The report for machines."""
    counts = Counter(row.finding.status for row in rows)
    report = {
        "address": address,
        "version": info.version,
        "verifier_version": info.verifier_version,
        "languages": {language.name: language.version for language in info.languages},
        "mode": mode([layer.name for layer in info.isolation if layer.active]),
        "layers": {layer.name: {"active": layer.active, "detail": layer.detail} for layer in info.isolation},
        "summary": {status.name.lower(): counts[status] for status in Status},
        "results": [
            {
                "group": row.group,
                "name": row.name,
                "tries": row.tries,
                "language": row.language,
                "status": row.finding.status.name.lower(),
                "held_by": row.finding.layer,
                "seen": row.finding.seen,
                "seconds": round(row.seconds, 3),
            }
            for row in rows
        ],
    }
    return json.dumps(report, indent=2) + "\n"


def _cut(text: str, room: int) -> str:
    return text if len(text) <= room else text[: room - 1] + "…"
