"""What units are worth, exactly: for measures of one kind that are written in two units."""

import re
from dataclasses import dataclass
from fractions import Fraction
from functools import lru_cache

_FACTORS: dict[str, dict[str, Fraction | int]] = {
    "length": {
        "m": 1,
        "mm": Fraction(1, 1000),
        "cm": Fraction(1, 100),
        "km": 1000,
        "in": Fraction(254, 10000),
        "ft": Fraction(3048, 10000),
        "yd": Fraction(9144, 10000),
        "mi": Fraction(1609344, 1000),
        "micrometer": Fraction(1, 10**6),
        "nanometer": Fraction(1, 10**9),
    },
    "mass": {
        "g": 1,
        "mg": Fraction(1, 1000),
        "kg": 1000,
        "lb": Fraction(45359237, 100000),
        "oz": Fraction(45359237, 1600000),
    },
    "time": {
        "s": 1,
        "ms": Fraction(1, 1000),
        "min": 60,
        "h": 3600,
        "d": 86400,
        "week": 604800,
    },
    "months": {"month": 1, "year": 12, "decade": 120, "century": 1200},
    "dollars": {"dollar": 1, "cent": Fraction(1, 100)},
    "angle": {"degree": 1},
    "information": {"bit": 1, "byte": 8},
    "volume": {
        "cup": Fraction(1, 16),
        "pint": Fraction(1, 8),
        "quart": Fraction(1, 4),
        "gallon": 1,
    },
    "power": {"watt": 1, "milliwatt": Fraction(1, 1000), "kilowatt": 1000, "megawatt": 10**6, "gigawatt": 10**9},
    "force": {"newton": 1, "kilonewton": 1000, "meganewton": 10**6},
    "energy": {"joule": 1, "millijoule": Fraction(1, 1000), "kilojoule": 1000, "megajoule": 10**6},
    "pressure": {"pascal": 1, "kilopascal": 1000, "megapascal": 10**6},
    "voltage": {"volt": 1, "millivolt": Fraction(1, 1000), "kilovolt": 1000},
    "current": {"amp": 1, "milliampere": Fraction(1, 1000)},
    "frequency": {"hz": 1, "kilohertz": 1000, "megahertz": 10**6, "gigahertz": 10**9},
    "resistance": {"ohm": 1, "kiloohm": 1000, "megaohm": 10**6},
    "amount": {"mol": 1, "millimole": Fraction(1, 1000)},
}
"""Units by their kind. Cups and gallons are a kind of their own: nobody means 3.785411784 litres exactly."""

_DERIVED: dict[str, tuple[str, Fraction]] = {
    "l": ("m^3", Fraction(1, 1000)),
    "ml": ("m^3", Fraction(1, 10**6)),
    "hectare": ("m^2", Fraction(10000)),
    "acre": ("yd^2", Fraction(4840)),
}
_UNITS = {name: (kind, Fraction(factor)) for kind, units in _FACTORS.items() for name, factor in units.items()}
_WORD = re.compile(r"([a-z]+)(?:\^\{?(-?[1-9])\}?)?")


@dataclass(frozen=True, slots=True)
class Unit:
    """How many base units of its kind a unit is."""

    factor: Fraction
    dimension: str
    """The kinds that it is made of, with their powers: "length time^-1"."""


@lru_cache(maxsize=256)
def convertible(name: str) -> Unit | None:
    """What a canonical unit (`scorer.math.units`) is worth; None when that is not known.

    Args:
        name: A unit, or several with powers and at most one slash: `km/h`, `m/s^2`, `kg m`.
    """
    factor = Fraction(1)
    powers: dict[str, int] = {}
    for place, part in enumerate(name.split("/")):
        words = part.split()
        if place > 1 or not words:
            return None
        for word in words:
            match = _WORD.fullmatch(word)
            if match is None:
                return None
            base, extra = _DERIVED.get(match[1], (match[1], Fraction(1)))
            stem, _, inner = base.partition("^")
            if stem not in _UNITS:
                return None
            kind, worth = _UNITS[stem]
            power = (int(match[2] or 1)) * (-1 if place else 1)
            exponent = power * int(inner or 1)
            factor *= extra**power * worth**exponent
            powers[kind] = powers.get(kind, 0) + exponent
    kinds = [f"{kind}^{power}" if power != 1 else kind for kind, power in sorted(powers.items()) if power]
    return Unit(factor, " ".join(kinds)) if kinds else None
