"""Refreshes the served critic on the policy that is about to be trained, while it is being served."""

import time
from collections.abc import Callable, Sequence
from pathlib import Path
from random import Random
from typing import Any

from codaserve import CriticClient, ScorerClient
from codaserve.v1 import critic_pb2 as pb
from critic.training import data
from critic.training.data import LabelledSolution
from critic.training.quality import measure
from critic.training.settings import TrainSettings
from critic.training.train import train
from trainer.demo.labels import Labeller
from trainer.demo.results import Refresh
from trainer.demo.settings import LabelSettings
from trainer.demo.tasks import family

HELD_OUT_SHARE = 0.25
"""Of the labelled questions, those on which the critic is measured and not trained."""
HEAD_LEARNING_RATE = 3e-3
"""Of the value head; the layers below it learn slowly, for they know already where a line is wrong."""


def refresh(
    model: Any,
    tokenizer: Any,
    scorer: ScorerClient,
    critic: CriticClient,
    *,
    base: Path,
    folder: Path,
    settings: LabelSettings,
    max_response_tokens: int,
    seed: int,
    on_progress: Callable[[str], None],
) -> Refresh:
    """Labels fresh solutions of the policy, trains on them and has the running critic load the result.

    Args:
        model: The policy.
        tokenizer: The policy's.
        scorer: Judges the completions.
        critic: The running critic; serves the new checkpoint afterwards.
        base: The checkpoint that it serves now.
        folder: Takes the data and the new checkpoint.
        settings: How many of what.
        max_response_tokens: Longest completion.
        seed: Of questions, sampling and training.
        on_progress: Told what is done, in a few words.
    """
    began = time.monotonic()
    problems = family.spread(settings.questions, "train", Random(f"refresh {seed}"))
    labeller = Labeller(model, tokenizer, scorer, max_response_tokens=max_response_tokens, seed=seed)
    solutions = labeller.label(problems, settings, on_progress)
    unseen_prompts = {problem.prompt for problem in problems[: max(1, int(HELD_OUT_SHARE * len(problems)))]}
    unseen = [solution for solution in solutions if solution.prompt in unseen_prompts]
    seen = [solution for solution in solutions if solution.prompt not in unseen_prompts]
    before = cross_entropy(critic, unseen)
    folder.mkdir(parents=True, exist_ok=True)
    data.write(folder / "labels.jsonl", seen)
    report = train(
        train_settings(
            folder / "labels.jsonl", base, folder,
            epochs=settings.epochs, learning_rate=settings.learning_rate, seed=seed,
        )
    )  # fmt: skip
    (reloaded,) = critic.reload(str(report.checkpoint.resolve()))
    labels = [value for solution in seen for value in solution.values if value is not None]
    return Refresh(
        solutions=len(solutions),
        states=sum(value is not None for solution in solutions for value in solution.values),
        completions=labeller.progress.completions,
        unscored=labeller.progress.unscored,
        held_out_states=sum(value is not None for solution in unseen for value in solution.values[:-1]),
        bce_before=before,
        bce_after=cross_entropy(critic, unseen),
        bce_constant=_bce([sum(labels) / len(labels)] * len(_targets(unseen)), _targets(unseen)),
        checkpoint_before=reloaded.previous_checkpoint,
        checkpoint_after=reloaded.checkpoint,
        seconds=time.monotonic() - began,
    )


def train_settings(
    path: Path, base: Path, output: Path, *, epochs: int, learning_rate: float, seed: int
) -> TrainSettings:
    """The critic's training on labelled solutions, all of them used.

    Its logits are fitted to the labels first: those of a base for critics are sure of something else, and those of a
    critic may be too sure for another policy.
    """
    return TrainSettings(
        data=path,
        base=base,
        calibrate_base=True,
        output=output,
        epochs=epochs,
        batch_solutions=16,
        learning_rate=learning_rate,
        head_learning_rate=HEAD_LEARNING_RATE,
        held_out_share=0.0,
        seed=seed,
        device="cpu",
    )


def cross_entropy(critic: CriticClient, solutions: Sequence[LabelledSolution]) -> float:
    """Mean soft-target cross-entropy of the served critic at the labelled boundaries before the last, nats.

    Raises:
        ScoringFailure: A solution was not valued, if the client raises.
    """
    groups = [
        pb.StateGroup(
            prompt=solution.prompt,
            responses=pb.Responses(
                responses=[pb.Response(text=solution.response.text, step_ends=solution.response.ends)]
            ),
        )
        for solution in solutions
    ]
    values: list[float] = []
    for solution, evaluation in zip(solutions, critic.evaluate(groups), strict=True):
        steps = evaluation.values.responses[0].steps
        served = [evaluation.values.prompt_value, *(step.value for step in steps)]
        values += [value for value, label in zip(served[:-1], solution.values[:-1], strict=True) if label is not None]
    return _bce(values, _targets(solutions))


def _targets(solutions: Sequence[LabelledSolution]) -> list[float]:
    return [value for solution in solutions for value in solution.values[:-1] if value is not None]


def _bce(values: Sequence[float], targets: Sequence[float]) -> float:
    return measure(values, targets, [], []).bce
