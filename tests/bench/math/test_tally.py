from bench.math.cases import Case
from bench.math.tally import NOT_RUN, Tally, tally


def case(label: bool) -> Case:
    return Case("1", "1", label, "", None, "1")


def test_undecided_is_not_accepted_and_counted_apart() -> None:
    right, wrong = case(True), case(False)
    counts = tally([right, right, wrong, wrong, right, wrong], [True, False, True, False, None, None])
    assert (counts.cases, counts.agreed) == (6, 3)
    assert counts.false_accepts == [wrong]
    assert counts.false_rejects == [right, right]
    assert counts.undecided == [right, wrong]
    assert counts.share == 0.5


def test_what_was_not_run_does_not_count() -> None:
    counts = tally([case(True), case(False)], [True, NOT_RUN])
    assert (counts.cases, counts.share) == (1, 1.0)


def test_a_tally_of_nothing_has_a_share() -> None:
    assert Tally().share == 0.0
