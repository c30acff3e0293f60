"""Trains the critics that are compared, and values the held-out states with each. What was done is not done again."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from bench.critic.labels import FEW, MANY, Labels
from bench.critic.resample import Numbers, States
from codaserve.files import write_atomically
from critic.checkpoint import Critic
from critic.encode import Encoder
from critic.training import data
from critic.training.data import LabelledSolution
from critic.training.examples import Example, encode
from critic.training.held_out import values_of
from critic.training.settings import TrainSettings
from critic.training.train import train
from trainer.demo.settings import BASE, SHIPPED

EPOCHS, BATCH, RATE, HEAD_RATE = 4, 16, 1e-4, 3e-3
_PASS_TOKENS = 512


@dataclass(frozen=True)
class Contestant:
    """A way to train a critic on labels."""

    name: str
    questions: int
    outcomes: bool
    """Whether boundaries have the outcome as their target, in place of the Monte-Carlo value."""
    more: bool = False
    """Whether it learns from outcomes of as many sampled tokens, in place of the same solutions."""

    def solutions(self, labels: Labels, seed: int) -> list[LabelledSolution]:
        """What it learns from."""
        if self.more:
            return labels.more(seed)
        found = labels.train(seed, self.questions)
        return [solution.with_outcome() for solution in found] if self.outcomes else found


MONTE_CARLO_FEW = Contestant(f"Monte Carlo, {FEW} questions", FEW, outcomes=False)
OUTCOME_FEW = Contestant(f"outcome only, {FEW} questions", FEW, outcomes=True)
OUTCOME_MORE = Contestant(f"outcome only, the tokens of {FEW} questions", FEW, outcomes=True, more=True)
MONTE_CARLO_MANY = Contestant(f"Monte Carlo, {MANY} questions", MANY, outcomes=False)
OUTCOME_MANY = Contestant(f"outcome only, {MANY} questions", MANY, outcomes=True)
CONTESTANTS = (MONTE_CARLO_FEW, OUTCOME_FEW, OUTCOME_MORE, MONTE_CARLO_MANY, OUTCOME_MANY)


@dataclass(frozen=True)
class HeldOut:
    """The held-out solutions, and their states as numbers."""

    solutions: list[LabelledSolution]

    @property
    def states(self) -> States:
        """All labelled states before the end of their answers."""
        numbers = {prompt: number for number, prompt in enumerate(dict.fromkeys(s.prompt for s in self.solutions))}
        rows = [
            (value, solution.values[-1], numbers[solution.prompt])
            for solution in self.solutions
            for value in solution.values[:-1]
            if value is not None
        ]
        targets, outcomes, questions = zip(*rows, strict=True)
        return States(np.array(targets), np.array(outcomes), np.array(questions))

    def pick(self, values: Sequence[Sequence[float]]) -> Numbers:
        """The values at those states."""
        pairs = zip(self.solutions, values, strict=True)
        return np.array([
            value
            for solution, row in pairs
            for value, known in zip(row[:-1], solution.values[:-1], strict=True)
            if known is not None
        ])  # fmt: skip


def values(contestant: Contestant, labels: Labels, held_out: HeldOut, seed: int) -> list[list[float]]:
    """The values of a contestant's critic at each boundary of each held-out solution."""
    name = f"{'more' if contestant.more else contestant.questions}-{'outcome' if contestant.outcomes else 'values'}"
    folder = labels.folder / f"critic-{seed}-{name}"
    record = folder / "values.json"
    if not record.exists():
        folder.mkdir(exist_ok=True)
        solutions = contestant.solutions(labels, seed)
        data.write(folder / "train.jsonl", solutions)
        # The one with many more solutions sees each of them once; the others make no more updates than it does.
        report = train(_settings(folder, 1 if contestant.more else EPOCHS, seed))
        found = values_of_checkpoint(report.checkpoint, held_out.solutions)
        write_atomically(record, json.dumps({"updates": report.updates, "values": found}) + "\n")
        print(f"seed {seed}, {contestant.name}: {report.updates} updates, {report.seconds:.0f} s", flush=True)
    return json.loads(record.read_text())["values"]  # type: ignore[no-any-return]


def values_of_checkpoint(checkpoint: Path, solutions: Sequence[LabelledSolution]) -> list[list[float]]:
    """A critic's values at each boundary."""
    critic = Critic.load(checkpoint)
    examples: list[Example] = encode(Encoder(critic.tokenizer, critic.separator), solutions, 4096)[0]
    return values_of(critic.model, examples, _PASS_TOKENS)


def _settings(folder: Path, epochs: int, seed: int) -> TrainSettings:
    return TrainSettings(
        data=folder / "train.jsonl",
        base=SHIPPED / BASE,
        calibrate_base=True,
        output=folder,
        epochs=epochs,
        batch_solutions=BATCH,
        learning_rate=RATE,
        head_learning_rate=HEAD_RATE,
        held_out_share=0.0,
        max_tokens_per_pass=_PASS_TOKENS,
        seed=seed,
        device="cpu",
    )
