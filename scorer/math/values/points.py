"""Where expressions with unknowns are evaluated: points that look random and are the same on every run."""

import zlib
from collections.abc import Iterator
from fractions import Fraction

from scorer.math.values.arithmetic import Value
from scorer.math.values.ball import Ball, from_fraction
from scorer.math.values.walk import Survey, is_complex

_MASK = (1 << 64) - 1
_BITS = 64
_LARGE = 10**6
_STEPPED = frozenset(["mod", "gcd", "lcm", "floor", "ceil"])
"""Functions that are others beyond the numbers that are written with them: `n \\bmod 100` is n up to 99."""
_OTHERWISE = 35
"""From this try on, values are small or next to written numbers, since there are few points where there is a value."""


class Stream:
    """Whole numbers that follow from a seed (the generator splitmix64)."""

    def __init__(self, seed: int) -> None:
        """Starts anew."""
        self._state = seed & _MASK

    def below(self, bound: int) -> int:
        """The next number, from 0 to less than a bound."""
        self._state = (self._state + 0x9E3779B97F4A7C15) & _MASK
        mixed = self._state
        mixed = ((mixed ^ (mixed >> 30)) * 0xBF58476D1CE4E5B9) & _MASK
        mixed = ((mixed ^ (mixed >> 27)) * 0x94D049BB133111EB) & _MASK
        return (mixed ^ (mixed >> 31)) % bound


def points(left: Survey, right: Survey, count: int) -> Iterator[dict[str, Value]]:
    """Values for all unknowns of two expressions, the same for both orders of the two.

    Whole numbers where only these make sense. Of the others small and large ones, positive and negative, and some next
    to the numbers that are written in the expressions, since it is there that absolute values and roots change.
    Where complex numbers are about, the letters z and w stand for such, and all that have a bar.
    """
    stream = Stream(left.digest ^ right.digest)
    names = sorted(left.unknowns | right.unknowns)
    whole = left.integers | right.integers
    written = sorted({abs(number) for number in left.numbers | right.numbers if abs(number) <= _LARGE})
    steps = [int(number) for number in written] if _STEPPED & (left.calls | right.calls) else []
    with_complex = is_complex(left, right)
    conjugated = left.conjugated | right.conjugated
    for turn in range(count):
        point: dict[str, Value] = {}
        for name in names:
            if name in whole:
                point[name] = Fraction(_integer(stream, turn, steps))
            else:
                real = _real(stream, turn, written)
                complex_name = with_complex and (name[0] in "zw" or name in conjugated)
                point[name] = Ball(real.real, _real(stream, 0, written).real) if complex_name else real
        yield point


def _integer(stream: Stream, turn: int, steps: list[int]) -> int:
    value = 1 + stream.below((6, 12, 25)[turn % 3])
    return value + steps[stream.below(len(steps))] if steps and turn % 2 else value


def _real(stream: Stream, turn: int, written: list[Fraction]) -> Ball:
    kind = turn % 5 if turn < _OTHERWISE else (0, 4, 4)[turn % 3]
    if turn % 7 == 5:  # floors and ceilings differ from other functions there only
        return from_fraction(stream.below(19) - 9, _BITS)
    value = Fraction(2 * stream.below(56) + 9, 128)  # in (0, 1)
    if kind == 4 and written:
        value += written[max(stream.below(len(written)), stream.below(len(written)))] * (1, 1, 2, 3)[stream.below(4)]
        value = Fraction(round(value * 128), 128)
    elif kind in (1, 2, 4):
        value += (1, 2, 5, 9, 40, 300)[stream.below(6)]
    negative = kind in (1, 3, 4) and stream.below(3) > (turn >= _OTHERWISE)
    return from_fraction(-value if negative else value, _BITS)


def coefficients(name: str, count: int) -> list[Value]:
    """Numbers around 1 that stand for an unknown function."""
    stream = Stream(zlib.crc32(name.encode()) * 0x100000001B3)
    return [Fraction(stream.below(1 << 20) * 2 + (1 << 20) + 1, 1 << 21) for _ in range(count)]
