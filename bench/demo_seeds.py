"""Runs the demo for several seeds, one after the other, and prints held-out accuracy before and after.

.venv/bin/python -m bench.demo_seeds [--seeds 0 1 2] [--output runs/demo-seeds]
"""

import argparse
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

from trainer.demo.results import Results
from trainer.report.reports import Estimate


def main(argv: Sequence[str]) -> int:
    """Prints one line a seed and level; 1 if a gain is not clear of the noise."""
    parser = argparse.ArgumentParser(prog="python -m bench.demo_seeds", description=__doc__)
    parser.add_argument("--seeds", type=int, nargs="+", default=[0, 1, 2])
    parser.add_argument("--output", type=Path, default=Path("runs/demo-seeds"))
    arguments = parser.parse_args(argv)
    all_results = []
    for seed in arguments.seeds:
        folder = arguments.output / str(seed)
        command = [sys.executable, "-m", "codaserve.cli.main", "demo", "--seed", str(seed), "--output", str(folder)]
        subprocess.run(command, check=True, timeout=3600)
        all_results.append(Results.read(folder / "results.json"))
    print_table(all_results)
    return 0 if all(results.clear for results in all_results) else 1


def print_table(all_results: Sequence[Results]) -> None:
    """A Markdown table: held-out accuracy in percent with 95% intervals."""
    print("| seed | level | questions | before | after | gain |")
    print("|---|---|---|---|---|---|")
    for results in all_results:
        for level in results.levels:
            cells = (level.level, level.questions, percent(level.before), percent(level.after), percent(level.gain))
            print(f"| {results.seed} | {' | '.join(str(cell) for cell in cells)} |")
    for results in all_results:
        clear = "clear of the noise" if results.clear else "NOT clear of the noise"
        print(f"\nSeed {results.seed}: {results.seconds['total']:.0f} s, gain {clear}.")


def percent(estimate: Estimate) -> str:
    """An estimate with its interval, in percent."""
    return f"{100 * estimate.value:.1f} [{100 * estimate.low:.1f}, {100 * estimate.high:.1f}]"


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
