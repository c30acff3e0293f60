import pytest

from scorer.code.called import builtin_called
from scorer.errors import TaskError


@pytest.mark.parametrize(
    ("setup", "script", "name"),
    [
        ("", "assert sum(1, 4) == 10\nassert sum(2, 2) == 2", "sum"),
        ("import math", "assert (max([1]) == math.pi)", "max"),
        ("", "assert f(1) == sum([1])", ""),
        ("def f(x): return x", "assert sorted(f([1])) == [1]", "sorted"),
        ("", "x = 3\nassert len(x) == 1", "len"),
        ("", "assert sum(1) == 1\nassert max(1) == 1", ""),
        ("", "assert (", ""),
        ("", "for s in (1, 2):\n    assert pow(s) == s", "pow"),
    ],
)
def test_a_function_of_pythons_is_tested_only_where_nothing_else_is(setup: str, script: str, name: str) -> None:
    assert builtin_called(setup, script) == name


def test_a_script_that_could_test_two_has_to_name_one() -> None:
    with pytest.raises(TaskError, match="set, sum") as caught:
        builtin_called("", "assert set(sum(1, 2)) == set([3])")
    assert caught.value.field == "code.entry_point"
