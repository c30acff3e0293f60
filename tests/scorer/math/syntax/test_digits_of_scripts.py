import pytest

from scorer.math.compare import decide, read
from scorer.math.normalise import normalise
from scorer.math.syntax.characters import to_ascii


@pytest.mark.parametrize("text", ["٣٤", "३४", "߃߄", "３４"])
def test_digits_of_other_scripts_are_digits(text: str) -> None:
    assert to_ascii(text) == normalise(text) == "34"
    decision = decide(read("34"), read(text))
    assert decision is not None and decision.equal


def test_functions_of_such_digits_are_read() -> None:
    assert read("\\sec߆ n^2 y+1").number is None  # found by the fuzzer: a number without a digit of 0 to 9
