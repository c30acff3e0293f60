from random import Random

from trainer.demo.solutions import Solution, balanced, distinct, labelled, shares
from trainer.demo.tasks.arithmetic import Arithmetic

PROBLEM = Arithmetic("1", 2, (("+", 3), ("-", 1)))
RIGHT = Solution(PROBLEM, "2+3=5\n5-1=4\n\\boxed{4}", True)
LATE = Solution(PROBLEM, "2+3=5\n5-1=3\n\\boxed{3}", False)
EARLY = Solution(PROBLEM, "2+3=6\n6-1=5\n\\boxed{5}", False)


def test_states_begin_with_the_prompt_and_end_before_the_last_boundary() -> None:
    assert [begun for _, begun in RIGHT.states] == ["", "2+3=5\n", "2+3=5\n5-1=4\n"]


def test_shares_are_of_the_solutions_that_pass_through() -> None:
    values = shares([RIGHT, RIGHT, LATE, EARLY])
    assert labelled(RIGHT, values).values == (0.5, 2 / 3, 1.0, 1.0)
    assert labelled(LATE, values).values == (0.5, 2 / 3, 0.0, 0.0)
    assert labelled(EARLY, values).values == (0.5, 0.0, 0.0, 0.0)


def test_states_without_a_value_stay_unlabelled() -> None:
    assert labelled(RIGHT, {}).values == (None, None, None, 1.0)


def test_balanced_takes_half_right_and_fills_up() -> None:
    kept = balanced([RIGHT, RIGHT, LATE, EARLY], 2, Random(1))
    assert sorted(solution.correct for solution in kept) == [False, True]
    assert len(balanced([RIGHT, RIGHT, LATE, EARLY], 4, Random(1))) == 3
    assert len(balanced([LATE, EARLY], 2, Random(1))) == 2


def test_empty_and_repeated_responses_are_left_out() -> None:
    assert distinct([RIGHT, RIGHT, Solution(PROBLEM, "", False)]) == [RIGHT]
