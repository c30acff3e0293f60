"""Trains with every part of the methods switched on in turn, and compares.

    python -m bench.reproduce [--families NAME ...] [--variants NAME ...] [--seeds N ...] [--sweep-seeds N ...]
                              [--questions N] [--jobs N] [--folder F] [--output FOLDER]

About five hours of one processor; what is finished stays in --folder and is not run again, what was stopped goes on.
Writes a family's report and its plot when all of it that was asked for is there.
"""

import argparse
import statistics
import sys
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from bench.reproduce import critics, variants
from bench.reproduce.families import FAMILIES, Family
from bench.reproduce.report import Found, report
from bench.reproduce.results import Outcome, read
from bench.reproduce.runs import Training, judge, run_all
from bench.reproduce.variants import Variant

HELD_OUT, JUDGING = 200, 1000
"""Questions: of the curves, and of the trained policies."""
ONLINE = {"grpo": variants.GRPO, "weighting": variants.WEIGHTING, "sampling": variants.SAMPLING}
NAMES = [*ONLINE, "steps", "dapo", "dapo2"]


def main() -> int:
    """Runs what is missing and writes the report."""
    parser = argparse.ArgumentParser(
        prog="python -m bench.reproduce", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--families", nargs="+", default=list(FAMILIES), choices=list(FAMILIES))
    parser.add_argument("--variants", nargs="*", default=NAMES, choices=NAMES)
    parser.add_argument("--seeds", type=int, nargs="+", default=[1, 2, 3, 4, 5], help="of the comparison, 2 to 10")
    parser.add_argument("--sweep-seeds", type=int, nargs="+", default=[101, 102], help="other seeds")
    parser.add_argument(
        "--questions", type=int, help="have online trainings ask as many, again and again; by default each is a new one"
    )
    parser.add_argument("--jobs", type=int, default=1, help="trainings at one time")
    parser.add_argument("--folder", type=Path, default=Path("runs/reproduce"))
    parser.add_argument("--output", type=Path, default=Path("docs"), help="folder of the reports")
    arguments = parser.parse_args()
    if arguments.questions is not None and not set(arguments.variants) <= {*ONLINE, "steps"}:
        parser.error("--questions is for the online ones: name them with --variants")
    if arguments.questions is not None and arguments.questions < variants.QUESTIONS:
        parser.error(f"--questions: a batch has {variants.QUESTIONS}, give as many or more")
    arguments.output.mkdir(parents=True, exist_ok=True)
    whole = arguments.variants == NAMES and len(arguments.seeds) > 4
    command = " ".join(["python -m bench.reproduce", *sys.argv[1:]])
    for name in arguments.families:
        bench = _Bench(FAMILIES[name], arguments.folder.absolute() / name, arguments.jobs, arguments.questions)
        found = bench.run(arguments.variants, arguments.seeds, arguments.sweep_seeds)
        if "grpo" in arguments.variants:
            written = report(FAMILIES[name], found, arguments.output, command, arguments.questions, partial=not whole)
            print(written.read_text(encoding="utf-8"))
    return 0


class _Bench:
    """One family's trainings."""

    def __init__(self, family: Family, folder: Path, jobs: int, questions: int | None) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self._family, self._folder, self._jobs, self._questions = family, folder, jobs, questions
        self._policy = family.policy(folder / "policy")
        self._held_out = family.write_held_out(folder, HELD_OUT)
        self._judging = family.write_held_out(folder, JUDGING)

    def run(self, names: Sequence[str], seeds: Sequence[int], others: Sequence[int]) -> Found:
        """Trains all that is asked for. Raises RuntimeError."""
        found = Found(before=judge(self._policy, self._judging, self._folder / "before.json", seed=0))
        online = [one for name, one in ONLINE.items() if name in names]
        if any(not one.focused for one in online):
            found.rate = self._best_rate(found, "rate", variants.GRPO, others)
        if any(one.focused for one in online) or "steps" in names:
            found.focused_rate = self._best_rate(found, "sampling-rate", variants.SAMPLING, others)
        chosen = [replace(one, rate=found.focused_rate if one.focused else found.rate) for one in online]
        if "steps" in names:
            tried = {one: variants.steps(one, found.focused_rate) for one in variants.LAMBDAS}
            chosen.append(tried[self._best(found, "lambda", tried, others)])
        if "dapo" in names or "dapo2" in names:
            beta = self._best(found, "beta", {one: variants.offline(one, 1) for one in variants.BETAS}, others)
            chosen += [variants.offline(beta, number) for number, name in ((1, "dapo"), (2, "dapo2")) if name in names]
        self._train(chosen, seeds)
        found.variants = {one.name: self._read(one, seeds) for one in chosen}
        if any(one.needs_critic for one in chosen):
            found.critic = critics.rollouts(self._folder / "critic")
        return found

    def _best_rate(self, found: Found, name: str, variant: Variant, seeds: Sequence[int]) -> float:
        return self._best(found, name, {one: replace(variant, rate=one) for one in variants.RATES}, seeds)

    def _best(self, found: Found, name: str, tried: Mapping[float, Variant], seeds: Sequence[int]) -> float:
        """Trains with each value and returns the one of the highest final accuracy."""
        self._train(list(tried.values()), seeds)
        outcomes = {value: self._read(variant, seeds) for value, variant in tried.items()}
        found.sweeps[name] = outcomes
        return max(outcomes, key=lambda one: statistics.fmean(outcome.final for outcome in outcomes[one]))

    def _train(self, chosen: Sequence[Variant], seeds: Sequence[int]) -> None:
        """Seed by seed, so that what is there when it is stopped can be compared."""
        trainings = [self._training(variant, seed) for seed in seeds for variant in chosen]
        if failures := run_all(trainings, self._jobs):
            raise RuntimeError("; ".join(failures))

    def _read(self, variant: Variant, seeds: Sequence[int]) -> list[Outcome]:
        return [read(self._place(variant, seed)) for seed in seeds]

    def _place(self, variant: Variant, seed: int) -> Path:
        folder = self._folder if self._questions is None else self._folder / f"{self._questions}-questions"
        return folder / variant.folder / str(seed)

    def _training(self, variant: Variant, seed: int) -> Training:
        budget = self._family.budget
        count = budget.questions if self._questions is None else self._questions
        if variant.iterations:
            count = round(budget.rollouts / variant.iterations / self._family.collected)
        tasks = self._family.write_tasks(self._folder, seed, count)
        critic = critics.make(self._family, self._policy, self._folder / "critic") if variant.needs_critic else None
        folder = self._place(variant, seed)
        return Training(
            label=f"{self._family.name}, {variant.name}, seed {seed}",
            folder=folder,
            program=variant.program,
            configuration=variants.configuration(
                variant, budget, seed, self._policy, (tasks, self._held_out), critic, folder / "run"
            ),
            tasks=tasks,
            model=folder / "run" / variant.model,
            held_out=self._judging,
            seed=seed,
        )


if __name__ == "__main__":
    sys.exit(main())
