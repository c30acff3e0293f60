"""Scripts whose assertions are tests of unittest: they fail when a test does, however they were started."""

import pytest

from codaserve.v1 import scorer_pb2 as pb
from tests.scorer.code.conftest import Judge

TESTS = """
import unittest
from unittest import SkipTest

class Tests(unittest.TestCase):
    def test_one(self):
        self.assertEqual(f(1), 2)
    def test_two(self):
        with self.subTest("first"):
            self.assertEqual(f(2), 3)
    @unittest.expectedFailure
    def test_that_fails(self):
        self.assertEqual(f(3), 0)
"""
STARTS = {
    "main": "unittest.main()",
    "main in its place": "if __name__ == '__main__':\n    unittest.main()",
    "main that goes on": "unittest.main(exit=False)",
    "a runner": "unittest.TextTestRunner().run(unittest.defaultTestLoader.loadTestsFromTestCase(Tests))",
    "cases by themselves": "for name in ('test_one', 'test_two'): Tests(name).run()",
    "check": "def check(candidate):\n    unittest.main(exit=False, verbosity=0)",
}
SHARED = pytest.mark.parametrize("shared", [False, True], ids=["paired", "shared"])


def task(start: str, shared: bool) -> dict[str, object]:
    return {"entry_point": "f", "asserts": pb.AssertTests(script=TESTS + start, shared_process=shared)}


@SHARED
@pytest.mark.parametrize("start", STARTS.values(), ids=STARTS)
async def test_a_script_passes_when_its_tests_do(judge: Judge, start: str, shared: bool) -> None:
    verdict = await judge(source="def f(n): return n + 1", **task(start, shared))
    assert verdict.correct, verdict


@SHARED
@pytest.mark.parametrize("start", STARTS.values(), ids=STARTS)
@pytest.mark.parametrize(
    "source", ["def f(n): return 2", "def f(n): return n + 1 if n < 2 else 1 / 0"], ids=["wrong", "raises"]
)
async def test_a_test_that_fails_fails_the_script(judge: Judge, source: str, start: str, shared: bool) -> None:
    verdict = await judge(source=source, **task(start, shared))
    assert verdict.reason == pb.REASON_ASSERTION_FAILED and not verdict.correct, verdict
    assert "1 failures in" in verdict.detail


@pytest.mark.parametrize(
    "source",
    [
        "import unittest\ndef f(n): raise unittest.SkipTest",
        "import unittest\nclass SkipTest(unittest.SkipTest): pass\ndef f(n): raise SkipTest('later')",
        "class SkipTest(Exception): pass\ndef f(n): raise SkipTest",
        "def f(n): raise SystemExit(0)",
        "def f(n): raise KeyboardInterrupt",
        "import os\ndef f(n): os._exit(0)",
        "import unittest\nunittest.TestResult.__init__ = lambda *a: None\ndef f(n): return 0",
        "import unittest\nunittest.TestCase.assertEqual = lambda *a: None\ndef f(n): return 0",
        "class E:\n    __eq__ = lambda s, o: True\ndef f(n): return E()",
    ],
)  # fmt: skip
@pytest.mark.parametrize("start", ["unittest.main()", "unittest.main(exit=False)"])
async def test_a_program_cannot_make_tests_succeed(judge: Judge, source: str, start: str) -> None:
    verdict = await judge(source=source, **task(start, False))
    assert not verdict.correct and verdict.score == 0, verdict


async def test_an_unexpected_success_fails_the_script(judge: Judge) -> None:
    verdict = await judge(source="def f(n): return n + 1 if n < 3 else 0", **task("unittest.main(exit=False)", False))
    assert verdict.reason == pb.REASON_ASSERTION_FAILED, verdict


@SHARED
async def test_an_exit_of_another_kind_is_no_success(judge: Judge, shared: bool) -> None:
    script = "import sys, unittest\nf(1)\nsys.exit(0)"
    tests = pb.AssertTests(script=script, shared_process=shared)
    verdict = await judge(source="def f(n): return 1", entry_point="f", asserts=tests)
    assert verdict.reason == pb.REASON_RUNTIME_ERROR and "SystemExit" in verdict.detail, verdict


@pytest.mark.parametrize("caught", ["SystemExit", "BaseException"])
async def test_a_program_cannot_interrupt_the_tests(judge: Judge, caught: str) -> None:
    start = f"try:\n    unittest.main()\nexcept {caught}:\n    pass"
    verdict = await judge(source="def f(n): raise KeyboardInterrupt", **task(start, False))
    assert verdict.correct is False, verdict
