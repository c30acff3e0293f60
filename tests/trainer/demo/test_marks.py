import math

import pytest

from trainer.demo import tokenizer
from trainer.demo.marks import Marked, mark
from trainer.demo.tasks.arithmetic import Arithmetic

TOKENIZER = tokenizer.build()
PROBLEM = Arithmetic("3", 40, (("+", 35), ("-", 17)))


def shown(marked: Marked, marks: list[float]) -> str:
    """The tokens of the response, each wrong one in brackets."""
    known = [(token, right) for token, right in zip(marked.tokens, marks, strict=True) if not math.isnan(right)]
    texts = [(TOKENIZER.decode([token]), right) for token, right in known]
    return "".join(text if right else f"[{text}]" for text, right in texts)


@pytest.mark.parametrize(
    ("response", "line", "whole"),
    [
        ("40+35=75\n75-17=58\n\\boxed{58}",) * 3,
        (
            "40+35=74\n74-17=57\n\\boxed{57}",
            "40+35=7[4][\n]74-17=57\n\\boxed{57}",
            "40+35=7[4][\n][7][4][-][1][7][=][5][7][\n][\\boxed{][5][7][}]",
        ),
        ("40+35=75\n\\boxed{75}", "40+35=75\n[\\boxed{][7][5][}]", "40+35=75\n[\\boxed{][7][5][}]"),
        ("40+35=75\n75-17=58\n\\boxed{58}\n!",) + ("40+35=75\n75-17=58\n\\boxed{58}[\n][!]",) * 2,
        ("40+35",) * 3,
        ("",) * 3,
    ],
    ids=["right", "slip", "line left out", "line too much", "unfinished", "empty"],
)
def test_tokens_are_right_up_to_the_first_wrong_one(response: str, line: str, whole: str) -> None:
    marked = mark(TOKENIZER, PROBLEM, response)
    assert TOKENIZER.decode(marked.tokens) == PROBLEM.prompt + response
    assert (shown(marked, marked.line), shown(marked, marked.whole)) == (line, whole)
