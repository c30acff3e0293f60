import pytest

from scorer.code import literals
from scorer.code.literals import Assertion


def found(script: str, entry_point: str = "f", setup: str = "") -> list[Assertion] | None:
    plan = literals.find(setup, script, entry_point)
    return None if plan is None else list(plan.assertions)


@pytest.mark.parametrize(
    ("script", "assertion"),
    [
        ("assert f(1, [2], k='x') == {3: (4,)}", Assertion(1, (1, [2]), (("k", "x"),), "==", {3: (4,)})),
        ("\nassert -1.5 == f()", Assertion(2, (), (), "==", -1.5)),
        ("assert f(3 * 19, 'a' + 'b') != set()", Assertion(1, (57, "ab"), (), "!=", set())),
        ("assert f(None) is None", Assertion(1, (None,), (), "is", None)),
        ("assert f(2) is not True, f(3)", Assertion(1, (2,), (), "is not", True)),
        ("assert f({1})", Assertion(1, ({1},), (), "true")),
        ("assert not f(1j + 2)", Assertion(1, (2 + 1j,), (), "false")),
        ("assert abs(f(1) - 2 / 4) < 1e-6", Assertion(1, (1,), (), "near", (0.5, 1e-6))),
        ("assert abs(f(1) - 2) <= 1", Assertion(1, (1,), (), "near or at", (2, 1))),
        ("'text'\nM = {'a': 1}\ndef check(c):\n    assert True, 'ok'\n    assert c()", Assertion(5, (), (), "true")),
        ("def check(f: int):\n    'text'\n    pass\n    assert f(1) == 2\ncheck(f)", Assertion(4, (1,), (), "==", 2)),
    ],
)  # fmt: skip
def test_comparisons_with_literals_are_found(script: str, assertion: Assertion) -> None:
    assert found(script) == [assertion]


def test_assertions_at_the_top_come_before_those_of_check() -> None:
    script = "def check(c): assert c(2) == 2\nassert f(1) == 1"
    assert [assertion.positional for assertion in found(script) or []] == [(1,), (2,)]


@pytest.mark.parametrize(
    "script",
    [
        "", "pass", "assert", "x = f(1)", "assert f(x) == 1", "assert f(1) == f(2)", "assert g(1) == 1", "import math",
        "assert f(1) == 1 == 1", "assert f(1) in [1]", "assert f(1) is 1", "assert f(*[1]) == 1", "assert f(**{}) == 1",
        "assert (f(1) == 2, 'message')", "assert f(1) == 1 and f(2) == 2", "assert False", "f = 3\nassert f(1) == 1",
        "assert f(1).x == 1", "assert f(1)[0] == 1", "assert len(f(1)) == 1", "abs = len\nassert abs(f(1) - 1) < 1",
        "for x in [1]: assert f(x) == x", "def check(c, d): assert c(1) == 1", "def check(c=1): assert c(1) == 1",
        "def check(*c): assert c(1) == 1", "def check(abs): assert abs(1) == 1", "@f\ndef check(c): assert c(1) == 1",
        "async def check(c): assert c(1) == 1", "def check(c): assert c(1) == 1\ndef check(c): pass",
        "def check(c):\n    assert c(1) == 1\n    return\n", "def test(): assert f(1) == 1", "assert f(1) == ...",
        "assert f(f'{1}') == 1", "assert f(1) == {[]}", "assert f(1) == {**{}}", "assert f(1 / 0) == 1",
        "assert f(2 ** 9) == 1", "assert f('a' * 9) == 1", "assert abs(f(1) - 'a') < 1",
        "assert f(1 if 1 else 2) == 1", "check(f)\ndef check(c): assert c(1) == 1", "assert " + "-" * 5000 + "f(1)",
        "assert f(" + "9" * 9000 + ") == 1",
        "assert f(1) == 1\n" + "#" * 70_000, "assert f(" + "[" * 150 + "]" * 150 + ") == 1",
    ],
)  # fmt: skip
def test_scripts_that_do_more_are_left_to_a_process(script: str) -> None:
    assert found(script) is None


def test_without_an_entry_point_it_is_the_function_that_all_assertions_call() -> None:
    plan = literals.find("import math", "assert g(1) == 1\nassert g(2) == 2", "")
    assert plan is not None and plan.function == "g"
    plan = literals.find("", "assert sum(1, 2) == 3", "")
    assert plan is not None and plan.function == "sum"
    for script in ("assert g(1) == 1\nassert h(1) == 1", "assert abs(-1) == 1", "def check(c): assert c(1) == 1"):
        assert found(script, entry_point="") is None
    assert found("assert g(1) == 1", entry_point="", setup="def g(x): return 1") is None
    assert found("assert set() == set()", entry_point="set") is None
