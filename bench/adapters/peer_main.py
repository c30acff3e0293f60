"""Scores rows with math-verify in this process, as trainers do: `peer_main.py NAME FILE`, where math-verify is.

"main thread" is TRL's accuracy_reward and all that calls it as it comes, with its time limits, which are signals;
"threads" is what verl and OpenRLHF do with it, where it cannot have signals: with an error as 0, as verl has it;
"threads, no limits" is what TRL does off the main thread. Prints a line of JSON: seconds and scores, and writes each
score to standard error as it comes, so that it is known how far it got.
"""

import importlib
import json
import sys
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path
from typing import Any


def score(limits: bool, row: Any) -> float:
    """math-verify's verdict; an error is 0, as in the trainers."""
    library: Any = importlib.import_module("math_verify")
    try:
        keywords = {} if limits else {"parsing_timeout": None}
        gold = library.parse(f"\\boxed{{{row['gold']}}}", **keywords)
        answer = library.parse(row["response"], **keywords)
        right = library.verify(gold, answer, **({} if limits else {"timeout_seconds": None}))
    except Exception:  # noqa: BLE001, whatever it is
        right = False
    print(int(right), file=sys.stderr, flush=True)
    return float(right)


def in_threads(limits: bool, rows: list[Any]) -> list[float]:
    with ThreadPoolExecutor(8) as pool:
        return list(pool.map(partial(score, limits), rows))


MANNERS: dict[str, Callable[[list[Any]], list[float]]] = {
    "main thread": lambda rows: [score(True, row) for row in rows],
    "threads": partial(in_threads, True),
    "threads, no limits": partial(in_threads, False),
}


def main(name: str, file: str) -> int:
    rows = [json.loads(line) for line in Path(file).read_text(encoding="utf-8").splitlines()]
    importlib.import_module("math_verify")
    begin = time.perf_counter()
    scores = MANNERS[name](rows)
    print(json.dumps({"seconds": time.perf_counter() - begin, "scores": scores}))
    return 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
