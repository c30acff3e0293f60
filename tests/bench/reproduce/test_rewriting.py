from random import Random

import pytest

from bench.reproduce import rewriting
from bench.reproduce.families import REWRITING
from bench.reproduce.rewriting import LEVELS, Level, Rewriting, apply
from bench.reproduce.variants import TOKENS
from trainer.demo import tokenizer


def test_operations() -> None:
    digits = (4, 1, 7, 3)
    assert apply(digits, "reverse", ()) == (3, 7, 1, 4)
    assert apply(digits, "swap", (1, 3)) == (7, 1, 4, 3)
    assert apply(digits, "rotate", (1,)) == (1, 7, 3, 4)
    assert apply(digits, "front", (7,)) == (7, 4, 1, 3)
    assert apply(digits, "sort", ()) == (1, 3, 4, 7)


def test_a_problem_as_it_is_written() -> None:
    problem = Rewriting("2", (4, 1, 7), (("swap", (1, 3)), ("sort", ())))
    assert problem.prompt == "Rewrite 4 1 7: swap 1 3; sort.\n"
    assert problem.checks() == {"math": {"gold": ["(1,4,7)"]}}
    texts = {problem.work(Random(seed), 0.0) for seed in range(200)}
    assert texts == {"7 1 4\n1 4 7\n\\boxed{(1,4,7)}", "swap 1 3: 7 1 4\nsort: 1 4 7\n\\boxed{(1,4,7)}"}


def test_lines_are_corrected_for_what_stands_before_them() -> None:
    problem = Rewriting("3", (4, 1, 7, 3), (("reverse", ()), ("swap", (1, 3)), ("front", (7,))))
    right = ["3 7 1 4", "1 7 3 4", "7 1 3 4", "\\boxed{(7,1,3,4)}"]
    assert problem.corrected(right) == problem.corrected([]) == right
    slipped = ["reverse: 3 1 7 4", "1 7 3 4", "front 7: 1 7 3 4", "\\boxed{(1,7,3,4)}"]
    assert problem.corrected(slipped) == ["reverse: 3 7 1 4", "7 1 3 4", "front 7: 7 1 3 4", "\\boxed{(1,7,3,4)}"]
    # What is no list of the same digits leaves those that should be there.
    assert problem.corrected(["3 7 1", "1 7 3 3", "7  1 3 4", "what", "more"]) == right


@pytest.mark.parametrize("level", LEVELS, ids=lambda level: level.name)
def test_work_without_slips_needs_no_correction(level: Level) -> None:
    rng = Random(2)
    for _ in range(50):
        problem = rewriting.draw(level, rng)
        lines = problem.work(rng, 0.0).split("\n")
        assert problem.corrected(lines) == lines


@pytest.mark.parametrize("level", LEVELS, ids=lambda level: level.name)
def test_work_without_slips_ends_at_the_answer_and_slips_are_seldom_right(level: Level) -> None:
    rng = Random(1)
    for _ in range(50):
        problem = rewriting.draw(level, rng)
        (gold,) = problem.checks()["math"]["gold"]
        assert problem.work(rng, 0.0).endswith(f"\\boxed{{{gold}}}")
        assert sorted(gold) == sorted(
            problem.work(rng, 5.0).splitlines()[-1].removeprefix("\\boxed{").removesuffix("}")
        )


def test_training_and_held_out_never_meet() -> None:
    sides = [{one.prompt for one in REWRITING.problems(200, side, Random(3))} for side in ("train", "held-out")]
    assert len(sides[0]) == len(sides[1]) == 200 and not sides[0] & sides[1]


def test_the_longest_answers_fit() -> None:
    words = tokenizer.build(rewriting.WORDS)
    rng = Random(5)
    works = (rewriting.draw(LEVELS[-1], rng).work(rng, 1.0) for _ in range(300))
    assert max(len(words(work)["input_ids"]) for work in works) < TOKENS - 10


def test_the_tokenizer_has_its_words() -> None:
    words = tokenizer.build(rewriting.WORDS)
    rng = Random(4)
    for level in LEVELS:
        problem = rewriting.draw(level, rng)
        text = problem.prompt + problem.work(rng, 1.0)
        assert words.decode(words(text)["input_ids"]) == text
        assert words.unk_token_id not in words(text)["input_ids"]
