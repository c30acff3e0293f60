"""`codaserve score`: verdicts for a file of answers."""

import argparse
from collections.abc import Sequence

from codaserve.cli.batch import Work, add_arguments
from codaserve.cli.batch import run as run_batch
from codaserve.client import ScorerClient
from codaserve.v1 import scorer_pb2 as pb

EXAMPLES = """\
One line for each kind of task ("group" and "limits" are optional; "answer" in place of "response" is an answer already
extracted, "source" in place of "response" is plain code):

  {"id": "m1", "group": "q1", "math": {"gold": ["1/2"], "response": "So it is \\\\boxed{0.5}."}}
  {"id": "c1", "code": {"language": "python", "source": "def f(x): return x + 1", "entry_point": "f", "asserts": {"setup": "", "script": "assert f(1) == 2"}}}
  {"id": "c2", "code": {"language": "python", "response": "```python\\nprint(int(input()) + 1)\\n```", "stdio": {"cases": [{"input": "1\\n", "output": "2"}]}}}
  {"id": "c3", "code": {"language": "python", "source": "def f(x): return x + 1", "entry_point": "f", "calls": {"cases": [{"arguments": "[1]", "expected": "2"}]}}}

A result is a verdict or a failure, never both; a failure has no score:

  {"id": "m1", "verdict": {"correct": true, "score": 1.0, "reason": "REASON_MATCH", "extracted": "0.5", ...}}
  {"id": "c2", "verdict": {"correct": false, ..., "first_failure": {"case": 0, "input": "1\\n", "got": "3\\n", "expected": ""}}}
  {"id": "c9", "failure": {"code": "FAILURE_INVALID_TASK", "message": "line 9: ...", "retryable": false, ...}}

A code task may say more as well: "limits", "profile", "partial_credit", "stop_early", "show_expected" (the first
failure then shows what was expected); "comparison" and "float_tolerance" of stdio, "unordered" and "float_tolerance" of
calls, or a "checker" of either. docs/code.md has examples of all.

A math task may say more of what is wanted: "order_matters", "unit_matters", "absolute_tolerance", "relative_tolerance",
"choices", "forms". A verdict without "correct" and "score" is undecided: the comparison was over its time, memory or
size. A malformed line fails alone; blank lines are skipped. proto/codaserve/v1/scorer.proto describes every field.
codaserve check-tasks finds tasks that cannot be scored; codaserve explain shows how one answer is judged.

Exit status: 0 if every item got a verdict, 1 if not, 2 if the command cannot be run as given.
"""  # noqa: E501, an example is one line


def run(argv: Sequence[str]) -> int:
    """Runs the command and returns its exit status."""
    parser = argparse.ArgumentParser(
        prog="codaserve score",
        description="Scores the answers in a JSONL file.",
        epilog=EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    add_arguments(parser, "answers to score", "scorer")
    work = Work(
        program="scorer",
        noun="items",
        item=pb.ScoreItem,
        client=ScorerClient,
        invalid=_invalid,
        label=_label,
        failure=lambda result: pb.FailureCode.Name(result.failure.code) if result.HasField("failure") else "",
    )
    return run_batch(work, parser.parse_args(argv), [])


def _invalid(id_: str, message: str) -> pb.ScoreResult:
    return pb.ScoreResult(id=id_, failure=pb.Failure(code=pb.FAILURE_INVALID_TASK, message=message))


def _label(result: pb.ScoreResult) -> str:
    if not result.verdict.HasField("correct"):
        return "undecided"
    return "correct" if result.verdict.correct else "wrong"
