from random import Random

from trainer.demo.tasks import arithmetic
from trainer.demo.tasks.habits import CAREFUL_SHARE, is_careful, slips_of


def test_one_writer_in_five_is_careful() -> None:
    rng = Random(1)
    share = sum(is_careful(rng) for _ in range(4000)) / 4000
    assert abs(share - CAREFUL_SHARE) < 0.03  # 4.7 standard errors


def test_careful_writers_slip_less_and_nobody_slips_without_carelessness() -> None:
    assert 0 < slips_of(True, 1.0) < slips_of(False, 1.0) == 1.0
    assert slips_of(True, 0.0) == slips_of(False, 0.0) == 0.0


def test_lettered_solutions_are_right_more_often() -> None:
    rng = Random(2)
    right: dict[bool, list[bool]] = {True: [], False: []}
    for _ in range(2000):
        problem = arithmetic.draw(arithmetic.LEVELS[3], rng)
        work = problem.work(rng, 1.0)
        right[work.startswith("a) ")].append(work.endswith(f"\\boxed{{{problem.value}}}"))
    shares = {habit: sum(found) / len(found) for habit, found in right.items()}
    assert shares[True] > shares[False] + 0.2
