"""The rules that a reward for the format may name are those by which the scorer finds answers."""

from typing import get_args

from scorer.code.extract import extract_program
from scorer.code.languages import LANGUAGES
from scorer.math.extraction.extract import extract
from trainer.rewards.settings import Rule


def test_every_rule_is_one_of_the_scorers() -> None:
    math = [extract(text) for text in ("so \\boxed{4}", "The final answer is 4.", "#### 4", "2 + 2 = 4")]
    block = "def f(): pass\n```\n"
    texts = [(f"```python\n{block}", "f"), (f"```python\n{block}", ""), (f"```\n{block}", ""), ("def f(): pass", "")]
    code = [extract_program(text, LANGUAGES["python"], [name] if name else []) for text, name in texts]
    found = [answer.rule for answer in [*math, *code] if answer is not None]
    assert sorted(found) == sorted(get_args(Rule))
