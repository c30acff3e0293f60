"""`codaserve doctor`: attacks a running scorer and checks that it keeps its contract."""

import argparse
import asyncio
import sys
from collections.abc import Sequence

from codaserve.cli.access import access_of, add_access_arguments
from codaserve.doctor.finding import Status
from codaserve.doctor.report import Row, Table, as_json, summary
from codaserve.doctor.suite import Entry, chosen, listing, perform_all
from codaserve.doctor.target import LostError, Target
from codaserve.files import write_atomically

HELD, BREACHED, UNUSABLE = 0, 1, 2

EPILOG = """\
Attacks are programs that are sent to be judged like any other. Each is made so that little happens where it succeeds
(200 processes that end by themselves, a gigabyte of files, system calls with arguments that change nothing), but where
a sandbox fails, programs do run there with the scorer's rights and use its processors, memory and disk: try a
deployment before it does real work, not while it does. Where the scorer is on this host, doctor opens ports, sockets
and a file in /tmp while it looks whether programs reach them.

An attack passes when it was held, the answer is of the right kind and honest programs are judged rightly afterwards;
what cannot be tried here is skipped and counted apart.

Exit status: 0 all was held, 1 an attack succeeded or the contract is not kept, 2 the command cannot be run as given.
"""


def run(argv: Sequence[str]) -> int:
    """Runs the command and returns its exit status."""
    arguments = _parser().parse_args(argv)
    entries = chosen(arguments.only, arguments.skip)
    if arguments.list:
        print(listing())
        return HELD
    if arguments.address is None:
        return _unusable("name the scorer's address, host:port")
    if not entries:
        return _unusable("--only and --skip leave nothing to do; see codaserve doctor --list")
    if not arguments.timeout > 0 or arguments.concurrency < 1:
        return _unusable("--timeout must be above 0 and --concurrency at least 1")
    return asyncio.run(_run(arguments, entries))


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="codaserve doctor",
        description="Attacks a running scorer with hostile programs and checks that it keeps its contract.",
        epilog=EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("address", nargs="?", metavar="ADDRESS", help="host:port of a scorer, wherever it runs")
    parser.add_argument("--json", metavar="FILE", help="write a report for machines, all at once at the end")
    parser.add_argument(
        "--only",
        action="append",
        default=[],
        metavar="PATTERN",
        help="only what matches (a part of 'group: name', or with * and ?); repeatable",
    )
    parser.add_argument(
        "--skip",
        action="append",
        default=[],
        metavar="PATTERN",
        help="not what matches, of all or of what --only chose; repeatable",
    )
    parser.add_argument("--list", action="store_true", help="print all checks and attacks, and end")
    parser.add_argument("--timeout", type=float, default=180.0, metavar="S", help="seconds for each, default 180")
    parser.add_argument("--concurrency", type=int, default=1, metavar="N", help="how many at once, default 1")
    add_access_arguments(parser)
    return parser  # fmt: skip


async def _run(arguments: argparse.Namespace, entries: list[Entry]) -> int:
    try:
        target = Target(arguments.address, arguments.timeout, access_of(arguments))
    except ValueError as error:
        return _unusable(str(error))
    try:
        await target.connect()
        rows = await _perform(entries, target, arguments.concurrency)
        if arguments.json is not None:
            write_atomically(arguments.json, as_json(arguments.address, target.info, rows))
    except LostError as error:
        return _unusable(f"no scorer answers at {arguments.address}: {error}")
    except OSError as error:
        return _unusable(f"--json: {arguments.json} cannot be written: {error}")
    finally:
        await target.close()
    return BREACHED if any(row.finding.status is Status.FAILED for row in rows) else HELD


async def _perform(entries: list[Entry], target: Target, concurrency: int) -> list[Row]:
    table = Table(len(entries))
    table.head()
    try:
        rows = await perform_all(entries, target, concurrency, table.add)
    finally:
        table.clear()
    print(summary(target.info, rows))
    return rows


def _unusable(message: str) -> int:
    print(f"codaserve doctor: {message}", file=sys.stderr)
    return UNUSABLE
