"""Whether what a program wrote is what was expected, by the ways of comparing that tasks may choose from.

Both are compared as bytes; white space is what ASCII knows as such. The expected output is what is walked through, so
that the work and the memory grow with it and not with what a hostile program wrote, which is looked at as far as it
agrees.
"""

import math
import re
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import islice

from codaserve.v1 import scorer_pb2 as pb

_TOKEN = re.compile(rb"\S+")
_NUMBER = re.compile(rb"[+-]?(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)(?:[eE][+-]?[0-9]+)?")
_INTEGER = re.compile(rb"[+-]?[0-9]+")
_LONGEST_NUMBER = 1000
_SHOWN = 200


@dataclass(frozen=True)
class Difference:
    """Where an output differs from the expected one, said without showing anything of the latter.

    Attributes:
        where: "in line 3", or why the output as a whole does not do.
        got: What stands there; None if there is nothing.
    """

    where: str
    got: bytes | None

    def __str__(self) -> str:
        if self.got is None:
            return f"the output differs {self.where}, which is missing"
        return f"the output differs {self.where}: {self.got[:_SHOWN].decode('utf-8', 'replace')!r}"


def difference(
    got: bytes, expected: bytes, comparison: "pb.OutputComparison", float_tolerance: float
) -> Difference | None:
    """The first difference between outputs, None if they match.

    Args:
        got: What the program wrote.
        expected: What it should have written.
        comparison: How they are compared.
        float_tolerance: As `pb.StdioTests` has it; used for tokens in order only.
    """
    match comparison:
        case pb.COMPARE_EXACT:
            return _exact(got, expected)
        case pb.COMPARE_TOKENS:
            return _in_order(
                _tokens(got), _tokens(expected), "token", lambda one, other: _tokens_match(one, other, float_tolerance)
            )
        case pb.COMPARE_UNORDERED_LINES:
            return _in_any_order(filter(None, _lines(got)), Counter(filter(None, _lines(expected))), "line")
        case pb.COMPARE_UNORDERED_TOKENS:
            return _in_any_order(_tokens(got), Counter(_tokens(expected)), "token")
        case _:
            return _in_order(_lines(got), _lines(expected), "line", bytes.__eq__)


def _lines(text: bytes) -> Iterator[bytes]:
    """The lines without white space at their ends; empty ones at the end are none."""
    end = len(text.rstrip())
    at = 0
    while at < end:
        stop = text.find(b"\n", at)
        stop = len(text) if stop < 0 else stop
        yield text[at:stop].rstrip()
        at = stop + 1


def _tokens(text: bytes) -> Iterator[bytes]:
    return (found[0] for found in _TOKEN.finditer(text))


def _exact(got: bytes, expected: bytes) -> Difference | None:
    if got == expected:
        return None
    equal, more = 0, min(len(got), len(expected)) + 1
    while more - equal > 1:  # the length of the common beginning
        middle = (equal + more) // 2
        if got[equal:middle] == expected[equal:middle]:
            equal = middle
        else:
            more = middle
    begin = got.rfind(b"\n", 0, equal) + 1
    end = got.find(b"\n", equal)
    line = got[begin:] if end < 0 else got[begin : end + 1]
    return Difference(f"in line {got.count(bytes([10]), 0, equal) + 1}", line or None)


def _in_order(
    got: Iterator[bytes], expected: Iterator[bytes], noun: str, match: Callable[[bytes, bytes], bool]
) -> Difference | None:
    number = 0
    for number, wanted in enumerate(expected, 1):
        found = next(got, None)
        if found is None or not match(found, wanted):
            return Difference(f"in {noun} {number}", found)
    for found in islice(got, 1):
        return Difference(f"in {noun} {number + 1}", found)
    return None


def _in_any_order(got: Iterator[bytes], expected: Counter[bytes], noun: str) -> Difference | None:
    left = expected.total()
    for number, found in enumerate(got, 1):
        if not expected.get(found):
            return Difference(f"in {noun} {number}", found)
        expected[found] -= 1
        left -= 1
    return Difference(f"in a {noun}", None) if left else None


def _tokens_match(got: bytes, expected: bytes, tolerance: float) -> bool:
    if got == expected:
        return True
    if not tolerance or max(len(got), len(expected)) > _LONGEST_NUMBER:
        return False
    if not (_NUMBER.fullmatch(got) and _NUMBER.fullmatch(expected)):
        return False
    if _INTEGER.fullmatch(got) and _INTEGER.fullmatch(expected):
        return False
    return near(float(got), float(expected), tolerance)


def near(got: float, expected: float, tolerance: float) -> bool:
    """Whether |got - expected| <= tolerance * max(1, |expected|), which no number does that is not finite."""
    return math.isfinite(got) and math.isfinite(expected) and abs(got - expected) <= tolerance * max(1.0, abs(expected))
