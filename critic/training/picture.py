"""The reliability plot: mean target over mean value of the states of each bin, as SVG that any browser shows.

Written by hand, since it is little and a critic is trained on machines without a plotting library.
"""

import math
from collections.abc import Mapping
from html import escape

from critic.training.quality import BINS, Bin

SIDE, MARGIN, LEGEND = 360, 48, 20
COLOURS = ("#2f6db5", "#c1443c", "#7a7f87", "#2a7f62")
_SMALLEST, _LARGEST = 3.0, 11.0
"""Radii of a point: its area goes with the share of the states."""


def draw(title: str, curves: Mapping[str, tuple[Bin, ...]]) -> str:
    """The plot of one or more critics on the same states.

    Args:
        title: Above it.
        curves: The bins of each, by name.
    """
    width, height = SIDE + 2 * MARGIN, SIDE + 2 * MARGIN + LEGEND * len(curves)
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{height}" viewBox="0 0 {width} {height}" '
        'font-family="sans-serif" font-size="12">',
        f'<rect width="{width}" height="{height}" fill="white"/>',
        _text(width / 2, MARGIN - 24, title, "middle"),
        *_axes(),
    ]
    for number, (name, bins) in enumerate(curves.items()):
        parts += _curve(name, bins, COLOURS[number % len(COLOURS)], number)
    return "\n".join([*parts, "</svg>", ""])


def _axes() -> list[str]:
    parts = [
        f'<rect x="{MARGIN}" y="{MARGIN}" width="{SIDE}" height="{SIDE}" fill="none" stroke="#444"/>',
        f'<line x1="{_x(0)}" y1="{_y(0)}" x2="{_x(1)}" y2="{_y(1)}" stroke="#999" stroke-dasharray="4 4"/>',
        _text(MARGIN + SIDE / 2, MARGIN + SIDE + 36, "value", "middle"),
        f'<text x="14" y="{MARGIN + SIDE / 2}" text-anchor="middle" '
        f'transform="rotate(-90 14 {MARGIN + SIDE / 2})">share of right completions</text>',
    ]
    for step in range(0, BINS + 1, 2):
        at = step / BINS
        parts.append(_text(_x(at), MARGIN + SIDE + 16, f"{at:.1f}", "middle"))
        parts.append(_text(MARGIN - 6, _y(at) + 4, f"{at:.1f}", "end"))
    return parts


def _curve(name: str, bins: tuple[Bin, ...], colour: str, number: int) -> list[str]:
    total = sum(b.states for b in bins)
    points = " ".join(f"{_x(b.value):.1f},{_y(b.target):.1f}" for b in bins)
    legend = MARGIN + SIDE + 52 + LEGEND * number
    return [
        f'<polyline points="{points}" fill="none" stroke="{colour}" stroke-width="1.5"/>',
        *(
            f'<circle cx="{_x(b.value):.1f}" cy="{_y(b.target):.1f}" r="{_radius(b.states / total):.1f}" '
            f'fill="{colour}" fill-opacity="0.7"><title>{b.states} states</title></circle>'
            for b in bins
        ),
        f'<circle cx="{MARGIN + 6}" cy="{legend - 4}" r="5" fill="{colour}"/>',
        _text(MARGIN + 18, legend, name, "start"),
    ]


def _radius(share: float) -> float:
    return max(_SMALLEST, _LARGEST * math.sqrt(share))


def _x(value: float) -> float:
    return MARGIN + SIDE * value


def _y(value: float) -> float:
    return MARGIN + SIDE * (1 - value)


def _text(x: float, y: float, text: str, anchor: str) -> str:
    return f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}">{escape(text)}</text>'
