from random import Random

from codaserve.v1 import scorer_pb2 as pb
from trainer.collect.states import Solution, balanced, distinct, distinct_states, shares
from trainer.tasks import Question

QUESTION = Question("q", "1", "Compute 2+3-1.\n", pb.ScoreItem(math=pb.MathTask(gold=["4"])))
RIGHT = Solution(QUESTION, "2+3=5\n5-1=4\n\\boxed{4}", True)
LATE = Solution(QUESTION, "2+3=5\n5-1=3\n\\boxed{3}", False)
EARLY = Solution(QUESTION, "2+3=6\n6-1=5\n\\boxed{5}", False)


def test_states_begin_with_the_prompt_and_end_before_the_last_boundary() -> None:
    assert RIGHT.places == [("q", ""), ("q", "2+3=5\n"), ("q", "2+3=5\n5-1=4\n")]


def test_states_of_several_solutions_come_once_and_by_length() -> None:
    begun = [text for _, text in distinct_states([RIGHT, LATE, EARLY])]
    assert begun[0] == ""
    assert len(begun) == len(set(begun)) == 6
    assert [len(text) for text in begun] == sorted(len(text) for text in begun)


def test_shares_are_of_the_solutions_that_pass_through() -> None:
    values = shares([RIGHT, RIGHT, LATE, EARLY])
    assert RIGHT.labelled(values).values == (0.5, 2 / 3, 1.0, 1.0)
    assert LATE.labelled(values).values == (0.5, 2 / 3, 0.0, 0.0)
    assert EARLY.labelled(values).values == (0.5, 0.0, 0.0, 0.0)


def test_states_without_a_value_stay_unlabelled() -> None:
    found = RIGHT.labelled({})
    assert found.values == (None, None, None, 1.0)
    assert (found.prompt, found.response.ends) == (QUESTION.prompt, (6, 12, 21))


def test_balanced_takes_half_right_and_fills_up() -> None:
    kept = balanced([RIGHT, RIGHT, LATE, EARLY], 2, Random(1))
    assert sorted(solution.correct for solution in kept) == [False, True]
    assert len(balanced([RIGHT, RIGHT, LATE, EARLY], 4, Random(1))) == 3
    assert len(balanced([LATE, EARLY], 2, Random(1))) == 2


def test_empty_and_repeated_responses_are_left_out() -> None:
    assert distinct([RIGHT, RIGHT, Solution(QUESTION, "", False)]) == [RIGHT]
