"""Completions and states as `codaserve critic collect` stores them, made by hand."""

from typing import Any


def completion(
    first: str, rest: str | None = "more", correct: bool | None = True, *, truncated: bool = False, log: float = -0.5
) -> dict[str, Any]:
    """One token for each character, and one for the end of a sequence that was not truncated.

    `rest` is what follows the first step; None where it ends the answer.
    """
    text = first + (rest or "")
    ids = [*(ord(character) for character in text), *([] if truncated else [0])]
    return {
        "text": text,
        "token_ids": ids,
        "log_probabilities": [log] * len(ids),
        "truncated": truncated,
        "correct": correct,
        "unscored": "" if correct is not None else "FAILURE_INTERNAL",
        "first_step_characters": len(first),
        "first_step_tokens": len(ids) if rest is None else len(first),
    }


def state(question: str, begun: str, *completions: dict[str, Any]) -> dict[str, Any]:
    """A state of a question, which is its own prompt."""
    verdicts = [c["correct"] for c in completions if c["correct"] is not None]
    return {
        "question": question,
        "prompt": question,
        "begun": begun,
        "state_ids": [ord(character) for character in question + begun],
        "value": sum(verdicts) / len(verdicts) if verdicts else None,
        "scored": len(verdicts),
        "completions": list(completions),
    }
