"""`codaserve report`: training runs as one page."""

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from codaserve.configuration import ConfigurationError
from trainer.page.page import write_page

WRITTEN, UNUSABLE = 0, 2
EPILOG = """\
The page is one file that loads nothing, for any browser: whether the run worked, accuracy and reward, the three
dynamics of CoDaPO, the questions by difficulty and confidence, step values of sampled responses, time and failures. It
can be made while a run is still going. Runs that differ by their seed alone are averaged, with 95% intervals.

What is not the folder of a run is left out and named on standard error.

Exit status: 0 the page is written, 2 it cannot be: no folder is that of a run, or the file cannot be written.
"""


def run(argv: Sequence[str]) -> int:
    """Runs the command and returns its exit status."""
    parser = argparse.ArgumentParser(
        prog="codaserve report",
        description="Writes one HTML page that shows training runs side by side.",
        epilog=EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("runs", nargs="+", metavar="RUN", type=Path, help="output_dir of a training run")
    parser.add_argument(
        "-o", "--output", metavar="FILE", type=Path,
        help="the page; default report.html, in the run's folder if there is one run, else here",
    )  # fmt: skip
    arguments = parser.parse_args(argv)
    target = arguments.output or (arguments.runs[0] if len(arguments.runs) == 1 else Path()) / "report.html"
    try:
        not_counted = write_page(arguments.runs, target)
    except ConfigurationError as error:
        print(f"codaserve report: {error}", file=sys.stderr)
        return UNUSABLE
    except OSError as error:
        print(f"codaserve report: {target} cannot be written: {error.strerror}", file=sys.stderr)
        return UNUSABLE
    for what in not_counted:
        print(f"codaserve report: {what}", file=sys.stderr)
    print(target)
    return WRITTEN
