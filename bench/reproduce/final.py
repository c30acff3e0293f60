"""Judges a trained policy: mean correctness of its answers to held-out questions, by level.

    python -m bench.reproduce.final POLICY QUESTIONS OUTPUT [--samples N] [--seed N]

Equal seeds give equal chance, so that differences between policies are theirs.
"""

import argparse
import json
import sys
from pathlib import Path

from bench.reproduce.answers import answers
from codaserve.embedded import EmbeddedServiceError
from codaserve.files import write_atomically
from trainer.command import NO_SERVICE, STOPPED
from trainer.errors import RunStoppedError
from trainer.evaluate import evaluation_report
from trainer.policy import read_policy

MOST_UNSCORED = 0.01


def main() -> int:
    """Writes OUTPUT, once, and returns an exit status of `codaserve train`."""
    parser = argparse.ArgumentParser(prog="python -m bench.reproduce.final", description=__doc__)
    parser.add_argument("policy", type=Path)
    parser.add_argument("questions", type=Path)
    parser.add_argument("output", type=Path)
    parser.add_argument("--samples", type=int, default=4)
    parser.add_argument("--seed", type=int, default=0)
    arguments = parser.parse_args()
    if not arguments.output.exists():
        try:
            judge(arguments.policy, arguments.questions, arguments.output, arguments.samples, arguments.seed)
        except (EmbeddedServiceError, RunStoppedError) as error:
            print(error, file=sys.stderr)
            return NO_SERVICE if isinstance(error, EmbeddedServiceError) else STOPPED
    return 0


def judge(policy: Path, questions: Path, output: Path, samples: int, seed: int) -> None:
    """Writes accuracy, accuracy by level and mean length of the answers.

    Raises:
        ConfigurationError: Policy or questions cannot be read.
        EmbeddedServiceError: The scorer did not start.
        RunStoppedError: The scorer is away, or too many answers got no verdict.
    """
    model, tokenizer = read_policy(policy)
    groups = answers(
        model,
        tokenizer,
        questions,
        size=samples,
        seed=seed,
        name="final",
        log=output.with_name("scorer.log"),
        max_unscored_share=MOST_UNSCORED,
    )
    report = evaluation_report(groups, step=0, moment="after", samples=samples, seconds=0.0)
    assert report is not None
    found = {
        "questions": report.questions,
        "samples": samples,
        "accuracy": report.mean_at_k.value,
        "levels": {level: estimate.value for level, estimate in report.levels.items()},
        "response_tokens": report.response_tokens,
        "truncated": report.truncated,
    }
    write_atomically(output, json.dumps(found, indent=1) + "\n")


if __name__ == "__main__":
    sys.exit(main())
