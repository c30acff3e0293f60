"""Compares trainers.

    python -m bench.trainer [--steps N] [--repeats N] [--threads N] [--device cpu|cuda] [--factor N] [--layers N]

Needs TRL in an environment of its own (`make bench-trainer` installs it); writes docs/trainer_speed.md, or
docs/trainer_speed_cuda.md.
"""

import argparse
import sys
import tempfile
from pathlib import Path

from bench.trainer import compare
from bench.trainer.padded import padded_policy
from bench.trainer.setting import Setting, demo_policy, write_tasks
from codaserve.files import write_atomically
from trainer.demo.settings import CRITIC, SHIPPED


def main() -> int:
    """Runs the measurement."""
    parser = argparse.ArgumentParser(
        prog="python -m bench.trainer", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--steps", type=int, default=5, help="steps of each training that are timed")
    parser.add_argument("--repeats", type=int, default=3, help="trainings of each")
    parser.add_argument("--threads", type=int, default=1, help="of torch")
    parser.add_argument("--device", choices=("cpu", "cuda"), default="cpu")
    parser.add_argument(
        "--factor", type=int, help="times the width of the demo's policy, for the larger one (3; cuda: 10)"
    )
    parser.add_argument("--layers", type=int, help="its layers (6; cuda: 24)")
    parser.add_argument("--output", type=Path, help="file for the report")
    arguments = parser.parse_args()
    cuda = arguments.device == "cuda"
    output = arguments.output or Path("docs/trainer_speed_cuda.md" if cuda else "docs/trainer_speed.md")
    with tempfile.TemporaryDirectory(prefix="bench-trainer-") as folder:
        tasks = str(write_tasks(Path(folder) / "tasks.jsonl", 200))
        factor, layers = arguments.factor or (10 if cuda else 3), arguments.layers or (24 if cuda else 6)
        padded = padded_policy(Path(folder) / "padded", factor, layers)
        shared = {"steps": arguments.steps, "seed": 0, "threads": arguments.threads, "device": arguments.device}
        small = Setting("The demo's policy", str(demo_policy()), tasks, 16, 8, 160, **shared)
        name = f"The same at {factor} times the width, {layers} layers"
        large = Setting(name, str(padded), tasks, 16 if cuda else 4, 8, 160, **shared)
        text = compare.run(
            [(small, SHIPPED / CRITIC), (large, None)],
            arguments.repeats,
            " ".join(["python -m bench.trainer", *sys.argv[1:]]),
        )
    write_atomically(output, text)
    print(text)
    return 0


if __name__ == "__main__":
    sys.exit(main())
