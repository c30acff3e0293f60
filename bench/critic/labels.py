"""Solutions of the demo's policy with Monte-Carlo values at their steps, for training critics and for judging them.

Made in parts, each a file of its own, so that what was stopped goes on with the part that it was at.
"""

import json
from collections.abc import Callable, Sequence
from pathlib import Path
from random import Random

import torch
from transformers import AutoModelForCausalLM

from codaserve import ScorerClient
from codaserve.embedded import EmbeddedService
from codaserve.files import write_atomically
from codaserve.tokenizer import load_tokenizer
from critic.training import data
from critic.training.data import LabelledSolution
from trainer.demo.labels import Labeller
from trainer.demo.settings import POLICY, SHIPPED, LabelSettings
from trainer.demo.tasks import family
from trainer.demo.tasks.problem import Problem

FEW, MANY = 48, 160
"""Training questions, of all levels in turn: as many as the demo labels before its training, and as it labels for the
critic that it ships."""
PARTS = ((0, FEW), (FEW, 104), (104, MANY))
COMPLETIONS = 16
"""From each step boundary of a training solution: N of DAPO's experiments."""
HELD_OUT_QUESTIONS, HELD_OUT_PART, HELD_OUT_COMPLETIONS = 147, 21, 16
SOLUTIONS, KEEP = 8, 2
"""Sampled of each question, and labelled."""
MORE_AT_ONCE = 35
_RESPONSE_TOKENS = 160
_SCORER_SECONDS = 600.0


class Labels:
    """Labels in a folder: `make` before reading."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def make(self, seeds: Sequence[int]) -> bool:
        """Makes what is missing; whether anything was.

        Raises:
            EmbeddedServiceError: The scorer did not start.
            RunStoppedError: The scorer is away, or too many answers got no verdict.
        """
        if all(file.exists() for file in self._files(seeds)):
            return False
        self.folder.mkdir(parents=True, exist_ok=True)
        model = AutoModelForCausalLM.from_pretrained(SHIPPED / POLICY, dtype=torch.float32)
        tokenizer = load_tokenizer(SHIPPED / POLICY)
        with (
            EmbeddedService.start("scorer", log=self.folder / "scorer.log") as service,
            ScorerClient(service.address, timeout=_SCORER_SECONDS) as scorer,
        ):

            def labeller(seed: int) -> Labeller:
                return Labeller(model, tokenizer, scorer, max_response_tokens=_RESPONSE_TOKENS, seed=seed)

            self._make_held_out(labeller)
            for seed in seeds:
                self._make_train(seed, labeller)
                self._make_more(seed, labeller)
        return True

    def held_out(self) -> list[LabelledSolution]:
        """The same for every seed; no training question is among them."""
        return _read(self._held_out_files())

    def train(self, seed: int, questions: int) -> list[LabelledSolution]:
        """Solutions of the first FEW or of all MANY training questions."""
        parts = [part for part in PARTS if part[1] <= questions]
        return _read([self._train_file(seed, part) for part in parts])

    def more(self, seed: int) -> list[LabelledSolution]:
        """All different solutions of further questions, each boundary with the outcome: as many sampled tokens as the
        labels of FEW questions took."""
        return [solution.with_outcome() for solution in _read([self._more_file(seed)])]

    def tokens(self, seed: int) -> tuple[int, int]:
        """Tokens sampled for the labels of FEW questions, and for `more`."""
        return _tokens(self._train_file(seed, PARTS[0])), _tokens(self._more_file(seed))

    def _files(self, seeds: Sequence[int]) -> list[Path]:
        train = [self._train_file(seed, part) for seed in seeds for part in PARTS]
        return [*self._held_out_files(), *train, *(self._more_file(seed) for seed in seeds)]

    def _held_out_files(self) -> list[Path]:
        return [self.folder / f"held-out-{first}.jsonl" for first in range(0, HELD_OUT_QUESTIONS, HELD_OUT_PART)]

    def _train_file(self, seed: int, part: tuple[int, int]) -> Path:
        return self.folder / f"train-{seed}-{part[0]}.jsonl"

    def _more_file(self, seed: int) -> Path:
        return self.folder / f"more-{seed}.jsonl"

    def _make_held_out(self, labeller: Callable[[int], Labeller]) -> None:
        problems = family.spread(HELD_OUT_QUESTIONS, "held-out", Random("ranking"))
        for number, file in enumerate(self._held_out_files()):
            some = problems[number * HELD_OUT_PART : (number + 1) * HELD_OUT_PART]
            _label(file, some, HELD_OUT_COMPLETIONS, labeller, number)

    def _make_train(self, seed: int, labeller: Callable[[int], Labeller]) -> None:
        problems = family.spread(MANY, "train", Random(f"ranking {seed}"))
        for first, last in PARTS:
            file = self._train_file(seed, (first, last))
            _label(file, problems[first:last], COMPLETIONS, labeller, 1000 * seed + first + 100)

    def _make_more(self, seed: int, labeller: Callable[[int], Labeller]) -> None:
        file, chance = self._more_file(seed), Random(f"more {seed}")
        if file.exists():
            return
        found, tokens = list[LabelledSolution](), 0
        while tokens < _tokens(self._train_file(seed, PARTS[0])):
            working = labeller(chance.getrandbits(32))
            found += working.outcomes(family.spread(MORE_AT_ONCE, "train", chance), SOLUTIONS)
            tokens += working.progress.tokens
        _write(file, found, tokens)


def _label(
    file: Path, problems: Sequence[Problem], completions: int, labeller: Callable[[int], Labeller], seed: int
) -> None:
    if file.exists():
        return
    working = labeller(seed)
    chosen = LabelSettings(
        questions=MANY, solutions=SOLUTIONS, keep=KEEP, completions=completions, epochs=1, learning_rate=1
    )
    _write(file, working.label(problems, chosen), working.progress.tokens)


def _write(file: Path, solutions: Sequence[LabelledSolution], tokens: int) -> None:
    write_atomically(file.with_suffix(".json"), json.dumps({"tokens": tokens}) + "\n")
    data.write(file, solutions)
    print(f"{file.name}: {len(solutions)} solutions, {tokens} tokens sampled", flush=True)


def _tokens(file: Path) -> int:
    return int(json.loads(file.with_suffix(".json").read_text())["tokens"])


def _read(files: Sequence[Path]) -> list[LabelledSolution]:
    return [solution for file in files for solution in data.read(file)]
