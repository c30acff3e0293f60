"""Trains with every part of the methods switched on in turn, and compares.

    python -m bench.reproduce [--families NAME ...] [--variants NAME ...] [--seeds N ...] [--sweeps NAME ...]
                              [--sweep-seeds N ...] [--jobs N] [--folder F] [--output F]

About six hours of one processor; what is finished stays in --folder and is not run again, what was stopped goes on.
Writes the report and its plots when all that was asked for is there.
"""

import argparse
import statistics
import sys
from collections.abc import Sequence
from pathlib import Path

from bench.reproduce import critics, variants
from bench.reproduce.families import FAMILIES, Family
from bench.reproduce.report import Found, report
from bench.reproduce.results import Outcome, read
from bench.reproduce.runs import Training, judge, run_all
from bench.reproduce.variants import Variant

HELD_OUT, JUDGING = 200, 1000
"""Questions: of the curves, and of the trained policies."""
NAMES = {
    "grpo": variants.GRPO.name,
    "weighting": variants.WEIGHTING.name,
    "sampling": variants.SAMPLING.name,
    "steps": variants.STEP_CREDIT,
    "dapo": variants.OFFLINE,
    "dapo2": variants.ITERATED,
}
SWEEPS = ("rate", "sampling-rate", "lambda", "beta")


def main() -> int:
    """Runs what is missing and writes the report."""
    parser = argparse.ArgumentParser(
        prog="python -m bench.reproduce", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--families", nargs="+", default=list(FAMILIES), choices=list(FAMILIES))
    parser.add_argument("--variants", nargs="*", default=list(NAMES), choices=list(NAMES))
    parser.add_argument("--seeds", type=int, nargs="+", default=[1, 2, 3, 4, 5], help="of the comparison, 2 to 10")
    parser.add_argument(
        "--sweeps", nargs="*", default=list(SWEEPS), choices=SWEEPS, help="those that a variant needs are always made"
    )
    parser.add_argument("--sweep-seeds", type=int, nargs="+", default=[101, 102], help="other seeds")
    parser.add_argument("--jobs", type=int, default=1, help="trainings at one time")
    parser.add_argument("--folder", type=Path, default=Path("runs/reproduce"))
    parser.add_argument("--output", type=Path, default=Path("docs/reproduce.md"))
    arguments = parser.parse_args()
    found = {}
    for name in arguments.families:
        bench = _Bench(FAMILIES[name], arguments.folder.absolute() / name, arguments.jobs)
        found[name] = bench.run(arguments.variants, arguments.seeds, arguments.sweeps, arguments.sweep_seeds)
    if arguments.variants:
        whole = list(found) == list(FAMILIES) and arguments.variants == list(NAMES) and len(arguments.seeds) > 4
        command = " ".join(["python -m bench.reproduce", *sys.argv[1:]])
        report(found, arguments.output, command, partial=not whole)
        print(arguments.output.read_text(encoding="utf-8"))
    return 0


class _Bench:
    """One family's trainings."""

    def __init__(self, family: Family, folder: Path, jobs: int) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self._family, self._folder, self._jobs = family, folder, jobs
        self._policy = family.policy(folder / "policy")
        self._held_out = family.write_held_out(folder, HELD_OUT)
        self._judging = family.write_held_out(folder, JUDGING)

    def run(self, names: Sequence[str], seeds: Sequence[int], sweeps: Sequence[str], others: Sequence[int]) -> Found:
        """Trains all that is asked for. Raises RuntimeError."""
        found = Found(before=judge(self._policy, self._judging, self._folder / "before.json", seed=0))
        tried = {
            "rate": [(rate, variants.at_rate(variants.GRPO, rate)) for rate in variants.RATES],
            "sampling-rate": [(rate, variants.at_rate(variants.SAMPLING, rate)) for rate in variants.RATES],
            "lambda": [(one, variants.steps(one)) for one in variants.LAMBDAS],
            "beta": [(one, variants.offline(one, 1)) for one in variants.BETAS],
        }
        needed = {"lambda": "steps" in names, "beta": "dapo" in names or "dapo2" in names}
        best = {}
        for name, values in tried.items():
            if name in sweeps or needed.get(name):
                self._train([variant for _, variant in values], others)
                found.sweeps[name] = {value: self._read(variant, others) for value, variant in values}
                best[name] = max(found.sweeps[name], key=lambda one: _mean(found.sweeps[name][one]))
        chosen: list[Variant] = []
        for name in names:
            if name == "steps":
                chosen.append(variants.steps(best["lambda"]))
            elif name in ("dapo", "dapo2"):
                chosen.append(variants.offline(best["beta"], 1 if name == "dapo" else 2))
            else:
                chosen.append(next(one for one in variants.ONLINE if one.name == NAMES[name]))
        self._train(chosen, seeds)
        found.variants = {one.name: self._read(one, seeds) for one in chosen}
        found.critic = critics.rollouts(self._folder / "critic") if "steps" in names else 0
        return found

    def _train(self, chosen: Sequence[Variant], seeds: Sequence[int]) -> None:
        """Seed by seed, so that what is there when it is stopped can be compared."""
        trainings = [self._training(variant, seed) for seed in seeds for variant in chosen]
        if failures := run_all(trainings, self._jobs):
            raise RuntimeError("; ".join(failures))

    def _read(self, variant: Variant, seeds: Sequence[int]) -> list[Outcome]:
        return [read(self._place(variant, seed)) for seed in seeds]

    def _place(self, variant: Variant, seed: int) -> Path:
        return self._folder / variant.folder / str(seed)

    def _training(self, variant: Variant, seed: int) -> Training:
        count = variants.STEPS * variants.QUESTIONS
        if variant.iterations:
            count = round(variants.rollouts() / variant.iterations / self._family.collected)
        tasks = self._family.write_tasks(self._folder, seed, count)
        critic = critics.make(self._family, self._policy, self._folder / "critic") if variant.lambda_ > 0 else None
        folder = self._place(variant, seed)
        return Training(
            label=f"{self._family.name}, {variant.name}, seed {seed}",
            folder=folder,
            program=variant.program,
            configuration=variants.configuration(
                variant, seed, self._policy, (tasks, self._held_out), critic, folder / "run"
            ),
            model=folder / "run" / variant.model,
            held_out=self._judging,
            seed=seed,
        )


def _mean(outcomes: Sequence[Outcome]) -> float:
    return statistics.fmean(one.final for one in outcomes)


if __name__ == "__main__":
    sys.exit(main())
