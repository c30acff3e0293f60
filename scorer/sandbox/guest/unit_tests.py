"""What the tests of unittest in a script came to, which the script may not ask: unittest.main(exit=False) goes on."""

import sys
from typing import Any


class UnitTestsFailedError(Exception):
    """Tests failed. The arguments are how many failures and errors there were, and how many tests were run."""


class UnitTests:
    """Sees every result that is made from now on in this process, in which nobody else's code runs before the script's.

    The class of results tells of each one: most are gone before the script has ended.
    """

    def __init__(self) -> None:
        import unittest  # slow to import, and rarely needed

        self._results: list[Any] = []
        self._main = unittest.TestProgram.runTests.__code__
        plain = unittest.TestResult.__init__

        def seen(result: Any, *positional: Any, **named: Any) -> None:
            plain(result, *positional, **named)
            self._results.append(result)

        unittest.TestResult.__init__ = seen  # type: ignore[assignment,method-assign]

    def ended(self, error: SystemExit) -> bool:
        """Whether unittest.main has ended the script after its tests, which is no failure by itself."""
        step = error.__traceback__
        while step is not None and step.tb_next is not None:
            step = step.tb_next
        return step is not None and step.tb_frame.f_code is self._main

    def check(self) -> None:
        """Raises UnitTestsFailedError if not all tests have succeeded."""
        failed = sum(len(r.failures) + len(r.errors) + len(r.unexpectedSuccesses) for r in self._results)
        if failed:
            raise UnitTestsFailedError(failed, sum(result.testsRun for result in self._results))


def is_skip(kind: type[BaseException]) -> bool:
    """Whether an exception of this class makes unittest skip a test, which is not for a program to do."""
    case = sys.modules.get("unittest.case")
    return case is not None and issubclass(kind, case.SkipTest)
