"""Judges a trained policy: mean correctness of its answers to held-out questions, by level.

    python -m bench.reproduce.final POLICY QUESTIONS OUTPUT [--samples N] [--seed N]

Equal seeds give equal chance, so that differences between policies are theirs.
"""

import argparse
import json
import sys
from pathlib import Path

from codaserve import ScorerClient
from codaserve.embedded import EmbeddedService, EmbeddedServiceError
from codaserve.files import write_atomically
from trainer.chance import derive
from trainer.command import NO_SERVICE, STOPPED
from trainer.errors import RunStoppedError
from trainer.evaluate import evaluation_report
from trainer.groups import Group, make_groups, score_groups
from trainer.policy import read_policy
from trainer.rollout.transformers import sample
from trainer.settings import EvaluateSettings, TaskSettings
from trainer.tasks import load_questions

AT_ONCE = 64
"""Questions."""
PROMPT_TOKENS, RESPONSE_TOKENS = 128, 160
MOST_UNSCORED = 0.01
SECONDS = 600.0


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
    held_out, _ = load_questions(
        EvaluateSettings(file=questions), TaskSettings(), tokenizer, max_prompt_tokens=PROMPT_TOKENS
    )
    groups: list[Group] = []
    with (
        EmbeddedService.start("scorer", log=output.with_name("scorer.log")) as service,
        ScorerClient(service.address, timeout=SECONDS) as scorer,
    ):
        for begin in range(0, len(held_out), AT_ONCE):
            some = held_out[begin : begin + AT_ONCE]
            written = sample(
                model,
                tokenizer,
                [question.prompt for question in some],
                samples,
                seed=derive(seed, "final", begin),
                max_response_tokens=RESPONSE_TOKENS,
            )
            groups += make_groups(some, written, samples)
            score_groups(groups[-len(some) :], scorer.score, name=f"final/{begin}", max_unscored_share=MOST_UNSCORED)
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
