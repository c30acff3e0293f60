"""`codaserve critic value`: step values for a file of responses."""

import argparse
import sys
from collections.abc import Sequence
from contextlib import nullcontext
from pathlib import Path

from codaserve.cli.batch import Work, add_arguments
from codaserve.cli.batch import run as run_batch
from codaserve.cli.value_page import ValuePage, value_page
from codaserve.client import CriticClient
from codaserve.v1 import critic_pb2 as pb

EXAMPLES = """\
One line is one prompt with what may follow it, responses or alternative next steps:

  {"id": "q1", "prompt": "1 + 2 * 3 = ?\\n", "responses": {"responses": [{"text": "2 * 3 = 6\\n1 + 6 = 7\\n"}]}}
  {"id": "q2", "prompt": "1 + 2 * 3 = ?\\n", "alternatives": {"prefix": "2 * 3 = 6\\n", "steps": [{"text": "1 + 6 = 7\\n"}, {"text": "1 + 6 = 8\\n"}]}}

A result holds values or a failure, never both:

  {"id": "q1", "values": {"prompt_value": 0.6, "responses": [{"steps": [{"value": 0.7, "advantage": 0.1, "characters": {"begin": 0, "end": 10}}, ...]}], "checkpoint": "..."}}
  {"id": "q9", "failure": {"code": "CRITIC_FAILURE_INVALID_INPUT", "message": "line 9: ...", "retryable": false, ...}}

A malformed line fails alone; blank lines are skipped. proto/codaserve/v1/critic.proto describes every field.

Exit status: 0 if every line got values, 1 if not, 2 if the command cannot be run as given.
"""  # noqa: E501, an example is one line


def run(argv: Sequence[str]) -> int:
    """Runs the command and returns its exit status."""
    parser = argparse.ArgumentParser(
        prog="codaserve critic value",
        description="Values the steps of the responses in a JSONL file.",
        epilog=EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    add_arguments(parser, "prompts with responses", "critic")
    parser.add_argument("--checkpoint", metavar="DIR", help="folder of the critic to start when no address is given")
    parser.add_argument("--html", metavar="FILE", type=Path, help="a page that shows each step coloured by its value")
    arguments = parser.parse_args(argv)
    if bool(arguments.address) == bool(arguments.checkpoint):
        parser.error("give either --address, of running critics, or --checkpoint, to start one")
    try:
        with value_page(arguments.html) if arguments.html else nullcontext() as page:
            return run_batch(_work(page), arguments, ["--checkpoint", str(arguments.checkpoint)])
    except OSError as error:
        print(f"{arguments.html}: {error.strerror}", file=sys.stderr)
        return 2


def _work(page: ValuePage | None) -> Work[pb.StateGroup, pb.GroupEvaluation]:
    return Work(
        program="critic",
        noun="groups",
        item=pb.StateGroup,
        client=CriticClient,
        invalid=_invalid,
        label=lambda result: "valued",
        failure=lambda result: pb.CriticFailureCode.Name(result.failure.code) if result.HasField("failure") else "",
        show=page.add if page is not None else lambda item, result: None,
    )


def _invalid(id_: str, message: str) -> pb.GroupEvaluation:
    failure = pb.CriticFailure(code=pb.CRITIC_FAILURE_INVALID_INPUT, message=message)
    return pb.GroupEvaluation(id=id_, failure=failure)
