import sys
from collections.abc import Iterator

import pytest

from scorer.sandbox.guest.failures import module
from scorer.sandbox.guest.scripts import Script, TaskFaultError


@pytest.fixture(autouse=True)
def main_module() -> Iterator[None]:
    before = sys.modules["__main__"]
    yield
    sys.modules["__main__"] = before


def test_names_are_those_of_all_functions_and_comprehensions() -> None:
    script = Script(
        "def helped(x): return first(x)",
        "def check(c):\n    def inner(): return [helper(x) for x in data]\n    assert c.field\n",
    )
    assert {"helper", "data", "field", "check", "first"} <= script.names


@pytest.mark.parametrize(("setup", "script", "field"), [("def", "", "setup"), ("", "assert (", "script")])
def test_what_does_not_compile_is_named(setup: str, script: str, field: str) -> None:
    with pytest.raises(TaskFaultError) as caught:
        Script(setup, script)
    assert caught.value.args[0] == field and "does not compile" in caught.value.args[1]


def test_a_setup_that_needs_the_program_is_run_when_that_is_there() -> None:
    namespace = module("candidate")
    script = Script("first = 1\nroot = Node(2)", "assert root == -2 and first == 1")
    script.set_up(namespace)
    assert script.is_late
    namespace["Node"] = int.__neg__
    script.run(namespace, None)
    assert namespace["root"] == -2


def test_check_is_called_with_the_function_in_the_main_module() -> None:
    namespace = module("candidate")
    script = Script("", "seen = []\ndef check(candidate): seen.append((candidate(2), __name__))")
    script.run(namespace, lambda x: x + 1)
    assert namespace["seen"] == [(3, "__main__")]
