"""Repetition that makes careless patterns take quadratic time: hours for a single one of these."""

import multiprocessing

import scorer.math.extraction.extract
from scorer.math.normalise import normalise, skeleton

HOSTILE = [
    *["\\boxed{", "The answer is ", "$", "$$", "\\(", "\\[", "$ 1", "$1\n", "$$1", "\\(1 \\[", "$x$, ", "$x$ or "],
    *["#### ", "answer: ", "1/2 ", "1,111", "{", "<<", "=", "**Final Answer**\n", ",", "</think>", "<think>", "(", "√"],
    *[
        "The answer is 5" + " " * 999,
        "answer: i.e. , ",
        "answer to ",
        "ANSWER (",
        "<answer>",
        "[ANSWER]",
        "is the answer ",
    ],
    *["```\n", "```python\nx\n```\n", "\\boxed{1}, ", "\\boxed 1 ", '"answer": "', '"answer": [', "not ", "if would "],
    *["- 1\n", "**1** ", "**", "答案：", "<|a|>", " ", "\n", "boxed{", "x or ", "a.b ", "(5] ", "A:1\n", "So 5. ", "²"],
    *["x{ ", "\\begin{a} ", "\\begin{a} \\end{a}", "}", "\\text{ a }5", "$\n", "$x\n", "\\(\n", "\\(1\n\\)"],
    *[
        "</s>",
        "a <|user|>",
        "<|im_start|>user\n",
        "Human:\n",
        "Answer: 5\n\nHuman:\n",
        "answer: $x\n$ ",
        "| ",
        "|",
        "|1",
        "x &= 1 \\\\ ",
    ],
]


def read_all(size: int) -> None:
    """What the test runs in a process that can be killed."""
    scorer.math.extraction.extract.SEARCHED_CHARS = size
    scorer.math.extraction.extract.TAIL_CHARS = size
    for unit in HOSTILE:
        text = unit * (size // len(unit)) + "1"
        scorer.math.extraction.extract.extract(text)
        skeleton(normalise(text))


def test_hostile_repetition_takes_linear_time() -> None:
    process = multiprocessing.get_context("fork").Process(target=read_all, args=(100_000,))
    process.start()
    process.join(90)
    process.kill()
    process.join()
    assert process.exitcode == 0
