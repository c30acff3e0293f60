import pytest

from codaserve.v1 import scorer_pb2 as pb
from scorer.code.wanted import wanted_names
from tests.scorer.code.conftest import Judge


@pytest.mark.parametrize(
    ("task", "names"),
    [
        (pb.CodeTask(entry_point="f", asserts=pb.AssertTests(script="assert g(1)")), {"f"}),
        (pb.CodeTask(entry_point="Solution().f", asserts=pb.AssertTests(script="def check(c): pass")), {"Solution"}),
        (pb.CodeTask(asserts=pb.AssertTests(script="assert set(g(1)) == {h.k(2)}")), {"g"}),
        (
            pb.CodeTask(
                asserts=pb.AssertTests(setup="from a import (b)", script="import c\ndef d(): e()\nb()\nc()\nd()")
            ),
            {"e"},
        ),
        (pb.CodeTask(entry_point="f", stdio=pb.StdioTests()), set()),
    ],
)
def test_names(task: pb.CodeTask, names: set[str]) -> None:
    assert wanted_names(task) == names


async def test_the_block_with_what_the_script_calls_is_the_program(judge: Judge) -> None:
    response = "```python\ndef g(x): return x\n```\nExample:\n```python\nprint(g(3))\n```"
    verdict = await judge(response=response, asserts=pb.AssertTests(script="assert g(1) == 1"))
    assert verdict.correct and verdict.extraction_rule == "fence_entry_point", verdict
