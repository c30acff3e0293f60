"""Scores answers with known labels and prints how often the scorer agrees.

.venv/bin/python -m bench.real_data [--address host:port ...]
"""

import argparse
import sys
import time
from collections import Counter
from collections.abc import Sequence
from contextlib import ExitStack

from bench.labelled import HARD_SETS, MATH_SETS, Labelled, humaneval_broken, humaneval_canonical, math_items
from codaserve import ScorerClient
from codaserve.embedded import EmbeddedService


def agreement(client: ScorerClient, items: Sequence[Labelled]) -> tuple[Counter[str], list[str]]:
    """Scores the items.

    Returns:
        Counts of "agree", "false accept", "false reject" and "unscored", and a line for each item that does not agree.
    """
    results = client.score([item for item, _ in items], timeout=600)
    counts: Counter[str] = Counter()
    differing = []
    for (item, label), result in zip(items, results, strict=True):
        verdict = result.verdict if result.HasField("verdict") else None
        if verdict is None or not verdict.HasField("correct"):
            kind = "unscored"
        elif verdict.correct == label:
            kind = "agree"
        else:
            kind = "false accept" if verdict.correct else "false reject"
        counts[kind] += 1
        if kind != "agree":
            differing.append(f"{kind}: {item.id}: {result.WhichOneof('outcome')} {verdict or result.failure}")
    return counts, differing


def main(argv: Sequence[str]) -> int:
    """Prints the table; 1 if too many items of a set are not judged as labelled, or one is falsely accepted."""
    parser = argparse.ArgumentParser(prog="python -m bench.real_data", description=__doc__)
    parser.add_argument("--address", nargs="*", default=[], help="running scorers; default: start one")
    arguments = parser.parse_args(argv)
    sets = {name: math_items(name) for name in (*MATH_SETS, *HARD_SETS)}
    sets["humaneval canonical"] = humaneval_canonical()
    sets["humaneval broken"] = humaneval_broken()
    with ExitStack() as stack:
        addresses = arguments.address or [stack.enter_context(EmbeddedService.start("scorer", [])).address]
        client = stack.enter_context(ScorerClient(addresses))
        columns = f"{'agree':>8}{'false accepts':>15}{'false rejects':>15}{'unscored':>10}{'items/s':>9}"
        print(f"{'set':24}{'items':>7}{columns}")
        all_differing: list[str] = []
        failed = False
        for name, items in sets.items():
            begin = time.monotonic()
            counts, differing = agreement(client, items)
            rate = len(items) / (time.monotonic() - begin)
            all_differing += differing
            share = counts["agree"] / len(items)
            failed = failed or counts["false accept"] > 0 or share < HARD_SETS.get(name, 1.0)
            print(
                f"{name:24}{len(items):7}{share:8.4f}{counts['false accept']:15}"
                f"{counts['false reject']:15}{counts['unscored']:10}{rate:9.0f}"
            )
    print("\n".join(all_differing))
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
