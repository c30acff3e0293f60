"""Labelled cases from JSON lines: `id`, `gold`, `response` or `answer`, `label`, `category`."""

import gzip
import json
import random
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from codaserve.v1 import scorer_pb2 as pb

HOSTILE = "hostile"
"""Name of the set of cases that are made to exhaust a verifier."""
INJECTION = "code_injection"
"""Category of answers that are programs: a verifier that evaluates strings would run them."""


@dataclass(frozen=True)
class Case:
    """One answer and what careful people say of it."""

    id: str
    gold: str
    label: bool
    category: str
    response: str | None
    answer: str | None

    @property
    def task(self) -> pb.MathTask:
        """The case as a task of the scorer."""
        if self.answer is not None:
            return pb.MathTask(gold=[self.gold], answer=self.answer)
        return pb.MathTask(gold=[self.gold], response=self.response or "")


def load(folder: Path, names: Sequence[str] = ()) -> dict[str, list[Case]]:
    """The sets of a folder by name, in order of their names.

    Args:
        folder: Holds files `NAME.jsonl` or `NAME.jsonl.gz`; those that are not about mathematics are left out.
        names: Sets to read; all by default.

    Raises:
        FileNotFoundError: A named set is not there, or there is none at all.
    """
    found = {path.name.split(".")[0]: path for path in sorted(folder.glob("*.jsonl*"))}
    missing = set(names) - set(found)
    if missing:
        raise FileNotFoundError(f"{folder} has no set named {', '.join(sorted(missing))}; it has {', '.join(found)}")
    sets = {name: cases for name in names or found if (cases := _read(found[name]))}
    if not sets:
        raise FileNotFoundError(f"{folder} has no cases with a gold answer")
    return sets


def split_hostile(sets: dict[str, list[Case]]) -> dict[str, list[Case]]:
    """The same cases with those of category `dos` in a set of their own."""
    hostile = [case for cases in sets.values() for case in cases if case.category == "dos"]
    rest = {name: [case for case in cases if case.category != "dos"] for name, cases in sets.items()}
    return {name: cases for name, cases in (*rest.items(), (HOSTILE, hostile)) if cases}


def sample(cases: list[Case], count: int, *, once_a_gold: bool) -> list[Case]:
    """At most `count` of the cases, the same ones each time, none of which asks what another asks.

    Args:
        cases: Where to take them from.
        count: How many.
        once_a_gold: No gold answer twice, so that remembering what was read of one cannot help.
    """
    different = {case.gold if once_a_gold else (case.gold, case.response, case.answer): case for case in cases}
    chosen = list(different.values())
    return chosen if len(chosen) <= count else random.Random(0).sample(chosen, count)


def _read(path: Path) -> list[Case]:
    packed = path.read_bytes()
    text = (gzip.decompress(packed) if path.suffix == ".gz" else packed).decode()
    lines = [json.loads(line) for line in text.split("\n") if line]
    return [
        Case(
            line["id"], line["gold"], line["label"], line.get("category", ""), line.get("response"), line.get("answer")
        )
        for line in lines
        if "gold" in line
    ]
