"""What is scored: rollouts as a trainer has them, and hostile answers."""

import gzip
import json
from pathlib import Path
from typing import Any

DATA = Path(__file__).parents[2] / "tests" / "data"
GROUP = 8
"""Responses that are given one prompt, as rollouts are."""
HOSTILE = ("dos", "code_injection", "hacking")
"""Categories of the hand-written answers."""

Row = dict[str, Any]
"""prompt, response, gold, label."""


def usual(count: int) -> list[Row]:
    """Solutions by models and reference solutions, half of each."""
    half = count // 2
    lines = _lines("gsm8k_model_solutions")[:half] + _lines("math_reference_right")[: count - half]
    return [_row(number // GROUP, line) for number, line in enumerate(lines)]


def hostile() -> list[Row]:
    """Answers that were made to exhaust or to deceive a verifier."""
    lines = [line for line in _lines("adversarial") if line["category"] in HOSTILE]
    return [_row(number, line) for number, line in enumerate(lines)]


def _lines(name: str) -> list[Any]:
    with gzip.open(DATA / f"{name}.jsonl.gz", "rt", encoding="utf-8") as file:
        return [json.loads(line) for line in file]


def _row(prompt: int, line: Any) -> Row:
    gold = line["gold"][0] if isinstance(line["gold"], list) else line["gold"]
    response = line["response"] if "response" in line else f"So the answer is $\\boxed{{{line['answer']}}}$."
    return {"prompt": f"question {prompt}", "response": response, "gold": gold, "label": line["label"]}
