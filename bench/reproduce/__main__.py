"""Trains with every part of the methods switched on in turn, and compares.

    python -m bench.reproduce [--seeds N ...] [--families NAME ...] [--lambdas X ...] [--sweep-seeds N ...] [--jobs N]

Many hours of processor time; what is finished stays in --folder and is not run again. Writes docs/reproduce.md and its
plots.
"""

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from bench.reproduce import critics, variants
from bench.reproduce.families import FAMILIES, Family
from bench.reproduce.report import report
from bench.reproduce.results import Curve, read
from bench.reproduce.runs import Training, run_all
from bench.reproduce.variants import Variant

HELD_OUT = 300
"""Questions."""


def main() -> int:
    """Runs what is missing and writes the report."""
    parser = argparse.ArgumentParser(
        prog="python -m bench.reproduce", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--seeds", type=int, nargs="+", default=[1, 2, 3, 4, 5], help="of the comparison, 2 to 10")
    parser.add_argument("--families", nargs="+", default=list(FAMILIES), choices=list(FAMILIES))
    parser.add_argument("--lambdas", type=float, nargs="+", default=[0.15, 0.3, 0.6], help="tried for step credit")
    parser.add_argument("--sweep-seeds", type=int, nargs="+", default=[101, 102], help="other seeds, to choose it by")
    parser.add_argument("--jobs", type=int, default=2, help="trainings at one time")
    parser.add_argument("--folder", type=Path, default=Path("runs/reproduce"))
    parser.add_argument("--output", type=Path, default=Path("docs/reproduce.md"))
    arguments = parser.parse_args()
    found: dict[str, dict[str, list[Curve]]] = {}
    sweeps: dict[str, dict[float, list[Curve]]] = {}
    for name in arguments.families:
        bench = _Bench(FAMILIES[name], arguments.folder / name, arguments.jobs)
        sweeps[name] = {
            one: bench.curves(variants.steps(one), arguments.sweep_seeds) for one in arguments.lambdas
        }  # fmt: skip
        best = max(sweeps[name], key=lambda one: sum(curve.final for curve in sweeps[name][one]))
        chosen = [variants.GRPO, variants.WEIGHTING, variants.SAMPLING, variants.steps(best)]
        found[name] = {one.name: bench.curves(one, arguments.seeds) for one in chosen}
    command = " ".join(["python -m bench.reproduce", *sys.argv[1:]])
    report(found, sweeps, arguments.output, command)
    print(arguments.output.read_text(encoding="utf-8"))
    return 0


class _Bench:
    """One family's trainings."""

    def __init__(self, family: Family, folder: Path, jobs: int) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self._family, self._folder, self._jobs = family, folder, jobs
        self._policy = family.policy(folder / "policy")
        self._critic = critics.make(family, self._policy, folder / "critic")

    def curves(self, variant: Variant, seeds: Sequence[int]) -> list[Curve]:
        """Trains with each seed and reads the curves. Raises RuntimeError."""
        trainings = [self._training(variant, seed) for seed in seeds]
        if failures := run_all(trainings, self._jobs):
            raise RuntimeError("; ".join(failures))
        return [read(Path(one.configuration["output_dir"])) for one in trainings]

    def _training(self, variant: Variant, seed: int) -> Training:
        folder = self._folder / variant.name.replace("+ ", "").replace(", lambda ", "-") / str(seed)
        count = variants.STEPS * variants.QUESTIONS
        tasks = self._family.write_tasks(self._folder, seed, count, HELD_OUT)
        configuration = variants.configuration(
            variant, seed, self._policy, tasks, self._critic, folder / "run"
        )  # fmt: skip
        return Training(f"{self._family.name}, {variant.name}, seed {seed}", folder, configuration)


if __name__ == "__main__":
    sys.exit(main())
