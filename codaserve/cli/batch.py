"""What `codaserve score` and `codaserve critic value` do: a file of items in, a file of results out, in order."""

import argparse
import signal
import sys
import tempfile
import threading
import time
from collections import Counter, deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Generic, Literal, TypeVar

from google.protobuf.message import Message

from codaserve.cli.access import access_of, add_access_arguments
from codaserve.cli.input import open_input, size_of
from codaserve.cli.interrupts import interruptible
from codaserve.cli.jsonl import Line, read_lines, to_line
from codaserve.cli.output import open_output, partial_path
from codaserve.cli.progress import reporting
from codaserve.client.outage import Outage
from codaserve.client.retry import RetryPolicy
from codaserve.client.sync import SyncClient
from codaserve.embedded import LAST_LINES, EmbeddedService, EmbeddedServiceError

Item = TypeVar("Item", bound=Message)
Result = TypeVar("Result", bound=Message)

WINDOW_ITEMS = 1024
"""Items held in memory at one time: results are put into order within such a window."""
WINDOW_BYTES = 32 * 2**20
"""The same in bytes of lines."""


@dataclass(frozen=True)
class Work(Generic[Item, Result]):
    """What differs between the two commands."""

    program: Literal["scorer", "critic"]
    noun: str
    """What the items are called."""
    item: type[Item]
    client: Callable[..., SyncClient[Item, Result]]
    invalid: Callable[[str, str], Result]
    """Makes the result of a malformed line of its id and a message."""
    label: Callable[[Result], str]
    """What the summary counts a result as."""
    failure: Callable[[Result], str]
    """The failure's code, or an empty text when there is an answer."""
    show: Callable[[Item | None, Result], None] = lambda item, result: None
    """Told of each result as it is written, with the item, None for a malformed line."""


def add_arguments(parser: argparse.ArgumentParser, noun: str, program: str) -> None:
    """Adds the arguments that both commands have."""
    parser.add_argument("input", metavar="FILE.jsonl", help=f"{noun}, one JSON object a line; - is standard input")
    parser.add_argument(
        "-o",
        "--output",
        default="-",
        metavar="FILE",
        help="where the results go, one line for each item, in order; until all are there they are in FILE.partial, "
        "which stays when the command is interrupted (default: standard output)",
    )
    parser.add_argument(
        "--address",
        nargs="+",
        action="extend",
        default=[],
        metavar="HOST:PORT",
        help=f"{program}s to use; without any, one is started for the time of the command",
    )
    parser.add_argument("--timeout", type=_seconds, default=60.0, help="seconds that an item may take (default: 60)")
    parser.add_argument(
        "--max-outage",
        type=_seconds_or_zero,
        default=30.0,
        help=f"seconds for which a {program} that is away or full is waited for (default: 30)",
    )
    add_access_arguments(parser)


def run(work: Work[Item, Result], arguments: argparse.Namespace, start_arguments: Sequence[str]) -> int:
    """Answers every line.

    Args:
        work: Which command.
        arguments: As `add_arguments` has them.
        start_arguments: For the service, when one is started.

    Returns:
        The exit status: 0 if every item has an answer, 1 if not, 2 when files or the service cannot be used.
    """
    try:
        _check_addresses(arguments.address)
        with ExitStack() as stack:
            stack.enter_context(_terminate_as_interrupt())
            return _run(work, arguments, start_arguments, stack)
    except BrokenPipeError:
        raise
    except OSError as error:
        print(f"{error.filename or arguments.output}: {error.strerror}", file=sys.stderr)
    except (EmbeddedServiceError, _UsageError) as error:
        print(error, file=sys.stderr)
    return 2


class _UsageError(Exception):
    """An argument that cannot be used."""


def _check_addresses(addresses: Sequence[str]) -> None:
    for address, count in Counter(addresses).items():
        if not address.strip():
            raise _UsageError("--address: one is empty; give HOST:PORT, or leave --address out")
        if count > 1:
            raise _UsageError(f"--address: {address} is given {count} times; give every address once")


def _run(
    work: Work[Item, Result], arguments: argparse.Namespace, start_arguments: Sequence[str], stack: ExitStack
) -> int:
    try:
        access = access_of(arguments)
    except ValueError as error:
        raise _UsageError(str(error)) from error
    source = stack.enter_context(open_input(arguments.input))
    output = stack.enter_context(open_output(arguments.output))
    addresses, service = arguments.address, None
    if not addresses:
        # Only while it starts, so that nothing is left behind when this process is killed.
        with tempfile.TemporaryDirectory(prefix="codaserve-") as folder:
            path = Path(folder, "log")
            service = stack.enter_context(EmbeddedService.start(work.program, start_arguments, log=path))
            log = stack.enter_context(path.open(encoding="utf-8", errors="replace"))
        addresses = [service.address]
    reporter = stack.enter_context(reporting(work.noun, size_of(source)))
    client = stack.enter_context(
        work.client(
            addresses,
            timeout=arguments.timeout,
            retry=RetryPolicy(max_outage=arguments.max_outage),
            on_outage=lambda outage: reporter.say(_describe(outage, arguments.max_outage)),
            access=access,
        )
    )
    tally = Tally(work.noun)
    try:
        with interruptible():
            for line, result in _answer(work, client, read_lines(source, work.item)):
                output.write(to_line(result))
                work.show(line.item, result)
                tally.count(work.label(result), work.failure(result))
                reporter.advance(line.size)
    except KeyboardInterrupt:
        if arguments.output != "-":
            reporter.say(f"interrupted; {tally.items} results are in {partial_path(arguments.output)}")
        raise
    if service is not None and not service.alive:
        last = "".join(deque(log, LAST_LINES)).rstrip()
        reporter.say(f"the {work.program} ended by itself; the end of its log:\n{last}")
    reporter.say(tally.summary())
    return 1 if tally.failures else 0


class Tally:
    """Counts results for the summary."""

    def __init__(self, noun: str) -> None:
        """Starts the clock."""
        self._noun = noun
        self._begun = time.monotonic()
        self._labels: Counter[str] = Counter()
        self.items = 0
        self.failures: Counter[str] = Counter()

    def count(self, label: str, failure: str) -> None:
        """Counts one result; `failure` is empty when it has an answer."""
        self.items += 1
        if failure:
            self.failures[failure] += 1
        else:
            self._labels[label] += 1

    def summary(self) -> str:
        """One line."""
        seconds = max(time.monotonic() - self._begun, 1e-9)
        parts = [f"{n} {label}" for label, n in self._labels.most_common()]
        parts += [f"{n} {code}" for code, n in self.failures.most_common()]
        counts = ", ".join(parts) or "nothing to do"
        return f"{self.items} {self._noun} in {seconds:.1f} s ({self.items / seconds:.1f}/s): {counts}"


@contextmanager
def _terminate_as_interrupt() -> Iterator[None]:
    """SIGTERM ends the command as Ctrl-C does: results kept aside, the started service stopped."""
    if threading.current_thread() is not threading.main_thread():
        yield  # where Python allows no signal handlers
        return
    before = signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)


def _answer(
    work: Work[Item, Result], client: SyncClient[Item, Result], lines: Iterable[Line[Item]]
) -> Iterator[tuple[Line[Item], Result]]:
    for window in _windows(lines):
        results: dict[int, Result] = {}
        for index, line in enumerate(window):
            if line.item is None:
                results[index] = work.invalid(line.id, f"line {line.number}: {line.error}")
        given = 0
        for result in client.stream(_numbered(window)):
            results[int(_id_of(result))] = result
            while given in results:  # hand over what is complete from the beginning on
                yield window[given], _renamed(results.pop(given), window[given].id)
                given += 1
        for index in range(given, len(window)):
            yield window[index], _renamed(results.pop(index), window[index].id)


def _numbered(window: Sequence[Line[Item]]) -> Iterator[Item]:
    """The items under their place in the window, since ids of lines need not be unique."""
    for index, line in enumerate(window):
        if line.item is not None:
            yield _renamed(line.item, str(index))


def _renamed(message: Any, id_: str) -> Any:
    message.id = id_
    return message


def _id_of(message: Any) -> str:
    return str(message.id)


def _windows(lines: Iterable[Line[Item]]) -> Iterator[list[Line[Item]]]:
    window: list[Line[Item]] = []
    size = 0
    for line in lines:
        window.append(line)
        size += line.size
        if len(window) >= WINDOW_ITEMS or size >= WINDOW_BYTES:
            yield window
            window, size = [], 0
    if window:
        yield window


def _describe(outage: Outage, max_outage: float) -> str:
    where = ", ".join(outage.addresses)
    if outage.ended:
        return f"{where} answers again after {outage.duration_seconds:.1f} s"
    return f"{where} does not answer, waiting up to {max_outage:g} s ({outage.error})"


def _seconds(text: str) -> float:
    value = _number(text)
    if not 0 < value < 1e6:
        raise argparse.ArgumentTypeError(f"{text} is not a number of seconds above 0")
    return value


def _number(text: str) -> float:
    try:
        return float(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"{text} is not a number of seconds") from None


def _seconds_or_zero(text: str) -> float:
    return 0.0 if _number(text) == 0 else _seconds(text)
