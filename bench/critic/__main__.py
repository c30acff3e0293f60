"""Measures critics.

    python -m bench.critic speed [--hidden N] [--layers N] [--groups N] [--repeats N] [--vllm PYTHON]
    python -m bench.critic speed --device cuda [--hidden N] [--layers N] [--tokens N] [--sequences N] [--repeats N]
    python -m bench.critic calibration [--seeds N ...] [--folder DIR]

The first compares ways to value half-written answers on a CPU, vLLM among them where `make vllm` was run, and writes
docs/critic_speed.md. The second says how much of an accelerator the critic uses, and writes docs/critic_speed_cuda.md.
The third trains critics on the demo's tasks and says how well they are calibrated and how well they rank; it writes
docs/critic_calibration.md, and goes on where it was stopped.
"""

import argparse
import sys
from pathlib import Path

from bench.critic import calibration, device, speed
from codaserve.files import write_atomically

_VLLM = Path(".venv-vllm/bin/python")


def main() -> int:
    """Runs the measurement."""
    parser = argparse.ArgumentParser(
        prog="python -m bench.critic", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    commands = parser.add_subparsers(required=True)
    timed = commands.add_parser("speed", help="how fast")
    timed.set_defaults(measure=_speed)
    timed.add_argument("--device", choices=("cpu", "cuda"), default="cpu", help="where the model runs")
    timed.add_argument("--hidden", type=int, help="width of the model, a multiple of 128 (256; cuda: 2048)")
    timed.add_argument("--layers", type=int, help="layers of the model (6; cuda: 12)")
    timed.add_argument("--groups", type=int, default=8, help="cpu: groups of each size")
    timed.add_argument("--vllm", type=Path, default=_VLLM, help="cpu: interpreter that has vLLM")
    timed.add_argument("--tokens", type=int, default=2048, help="cuda: length of the sequences")
    timed.add_argument("--sequences", type=int, default=64, help="cuda: how many")
    timed.add_argument("--repeats", type=int, default=5, help="how often each contestant values them")
    timed.add_argument("--output", type=Path, help="file for the report")
    compared = commands.add_parser("calibration", help="whether Monte-Carlo values beat outcomes")
    compared.set_defaults(measure=_calibration)
    compared.add_argument(
        "--seeds", type=int, nargs="+", default=[21, 22, 23], help="of training questions and sampling"
    )
    compared.add_argument(
        "--folder",
        type=Path,
        default=Path("runs/critic-calibration"),
        help="for labels and critics; what is there is not made again",
    )
    compared.add_argument("--output", type=Path, default=Path("docs/critic_calibration.md"), help="file for the report")
    arguments = parser.parse_args()
    output, text = arguments.measure(arguments)
    write_atomically(output, text)
    print(text)
    return 0


def _speed(arguments: argparse.Namespace) -> tuple[Path, str]:
    if arguments.device == "cuda":
        text = device.run(
            "cuda",
            hidden=arguments.hidden or 2048,
            layers=arguments.layers or 12,
            tokens=arguments.tokens,
            count=arguments.sequences,
            repeats=arguments.repeats,
        )
        return arguments.output or Path("docs/critic_speed_cuda.md"), text
    vllm = arguments.vllm if arguments.vllm.exists() else None
    text = speed.run(arguments.hidden or 256, arguments.layers or 6, arguments.groups, arguments.repeats, vllm)
    return arguments.output or Path("docs/critic_speed.md"), text


def _calibration(arguments: argparse.Namespace) -> tuple[Path, str]:
    text, plot = calibration.run(arguments.folder, arguments.seeds)
    write_atomically(arguments.output.with_suffix(".svg"), plot)
    return arguments.output, text


if __name__ == "__main__":
    sys.exit(main())
