"""Up to which token a worked solution is right, for a model that learns to check."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import zip_longest

from transformers import PreTrainedTokenizerFast

from trainer.demo.tasks.problem import Checkable


@dataclass(frozen=True)
class Marked:
    """The tokens of a prompt and a response. The marks are as many; the prompt's are NaN.

    Attributes:
        tokens: Ids.
        line: 1 while the line is right up to this token, the lines before it taken for right; else 0.
        whole: 1 while all lines are; else 0.
    """

    tokens: list[int]
    line: list[float]
    whole: list[float]


def mark(tokenizer: PreTrainedTokenizerFast, problem: Checkable, response: str) -> Marked:
    """The marks of a response, which may be any text."""
    lines = response.split("\n")
    right = _with_ends(problem.corrected(lines))[: len(lines)]
    pairs = zip_longest(_with_ends(lines), right, fillvalue="")
    prompt, *found = tokenizer([problem.prompt, *(text for pair in pairs for text in pair)])["input_ids"]
    marked = Marked(list(prompt), [math.nan] * len(prompt), [math.nan] * len(prompt))
    whole = True
    for written, wanted in zip(found[::2], found[1::2], strict=True):
        line = True
        for place, token in enumerate(written):
            line = line and wanted[place : place + 1] == [token]
            whole = whole and line
            marked.tokens.append(token)
            marked.line.append(float(line))
            marked.whole.append(float(whole))
    return marked


def _with_ends(lines: Sequence[str]) -> list[str]:
    return [*(f"{line}\n" for line in lines[:-1]), *lines[-1:]]
