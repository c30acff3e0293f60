"""`codaserve explain`: how the scorer judges one mathematical answer."""

import argparse
import asyncio
import sys
from collections.abc import Sequence

from codaserve.v1 import scorer_pb2 as pb
from scorer.math.explain import Explanation, explain
from scorer.math.settings import MathSettings
from scorer.math.verifier import MathVerifier

RIGHT, WRONG, UNDECIDED, FAILED = 0, 1, 3, 4
FORMS = tuple(name.removeprefix("FORM_").lower().replace("_", "-") for name, value in pb.AnswerForm.items() if value)

EPILOG = """\
  codaserve explain --gold '\\frac{1}{2}' --response 'So it is \\boxed{0.5}.'
  codaserve explain --gold B --choice 3 --choice 4 --answer 4
  codaserve explain --gold 3.14159 --absolute-tolerance 0.01 --answer 3.14

Exit status: 0 the answer is right, 1 it is wrong, 2 the command cannot be run as given, 3 undecided, 4 no verdict.
"""


def run(argv: Sequence[str]) -> int:
    """Runs the command and returns its exit status."""
    task = _task(_parser().parse_args(argv))
    explanation = asyncio.run(_explain(task))
    width = max(len(name) for name, _ in explanation.lines)
    for name, text in explanation.lines:
        print(f"{name:{width}}  {text}")
    return _status(explanation)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="codaserve explain",
        description="Judges one mathematical answer and prints the path taken.",
        epilog=EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--gold", action="append", required=True, metavar="G", help="an accepted answer; repeatable")
    submission = parser.add_mutually_exclusive_group(required=True)
    submission.add_argument("--response", metavar="R", help="free text with an answer in it; - is standard input")
    submission.add_argument("--answer", metavar="A", help="the answer, already extracted")
    parser.add_argument("--order-matters", choices=("yes", "no"), help="of lists; of tuples unless no")
    parser.add_argument("--unit-matters", choices=("yes", "no"), help="must be there; no: is ignored")
    parser.add_argument("--absolute-tolerance", type=float, default=0.0, metavar="T")
    parser.add_argument("--relative-tolerance", type=float, default=0.0, metavar="T")
    parser.add_argument("--choice", action="append", default=[], metavar="TEXT", help="an option: the first is A, ...")
    parser.add_argument("--form", action="append", default=[], choices=FORMS, help="one the answer may be written in")
    return parser


def _task(arguments: argparse.Namespace) -> pb.MathTask:
    task = pb.MathTask(
        gold=arguments.gold,
        absolute_tolerance=arguments.absolute_tolerance,
        relative_tolerance=arguments.relative_tolerance,
        choices=arguments.choice,
        forms=[f"FORM_{form.upper().replace('-', '_')}" for form in arguments.form],
    )
    if arguments.answer is not None:
        task.answer = arguments.answer
    else:
        task.response = sys.stdin.read() if arguments.response == "-" else arguments.response
    for name in ("order_matters", "unit_matters"):
        if (value := getattr(arguments, name)) is not None:
            setattr(task, name, value == "yes")
    return task


async def _explain(task: pb.MathTask) -> Explanation:
    verifier = MathVerifier(MathSettings(workers=1, cache_bytes=0))
    try:
        await verifier.start()
        return await explain(verifier, task)
    finally:
        await verifier.close()


def _status(explanation: Explanation) -> int:
    if explanation.verdict is None:
        return FAILED
    if not explanation.verdict.HasField("correct"):
        return UNDECIDED
    return RIGHT if explanation.verdict.correct else WRONG
