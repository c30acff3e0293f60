"""The frame of a plot: from numbers to places, ticks and grid, as SVG."""

import math
from dataclasses import dataclass

from trainer.page.text import escape

WIDTH, HEIGHT = 460, 250
LEFT, RIGHT, TOP, BOTTOM = 46, 30, 10, 34


@dataclass(frozen=True)
class Axes:
    """Ranges of a plot. Both are widened where they are empty."""

    left: float
    right: float
    low: float
    high: float
    x_label: str = "step"
    whole: bool = True
    """Whether ticks of x are whole numbers."""

    def x(self, value: float) -> float:
        """The place of a number along x."""
        return LEFT + (value - self.left) / ((self.right - self.left) or 1) * (WIDTH - LEFT - RIGHT)

    def y(self, value: float) -> float:
        """The place of a number along y; what lies outside is put on the edge."""
        inside = min(max(value, self.low), self.high)
        return HEIGHT - BOTTOM - (inside - self.low) / ((self.high - self.low) or 1) * (HEIGHT - TOP - BOTTOM)

    def frame(self) -> str:
        """Grid, ticks and the name of x."""
        parts = []
        for tick in ticks(self.low, self.high, 5):
            y = self.y(tick)
            parts.append(f'<path class="grid" d="M{LEFT} {y:.1f}H{WIDTH - RIGHT}"/>')
            parts.append(f'<text x="{LEFT - 6}" y="{y + 4:.1f}" text-anchor="end">{tick_text(tick)}</text>')
        for tick in ticks(self.left, self.right, 6, whole=self.whole):
            x, below = self.x(tick), HEIGHT - BOTTOM
            parts.append(f'<path class="grid" d="M{x:.1f} {below}v4"/>')
            parts.append(f'<text x="{x:.1f}" y="{below + 16}" text-anchor="middle">{tick_text(tick)}</text>')
        middle = (LEFT + WIDTH - RIGHT) / 2
        parts.append(f'<text x="{middle}" y="{HEIGHT - 3}" text-anchor="middle">{escape(self.x_label)}</text>')
        return "".join(parts)


def svg(axes: Axes, name: str, marks: str) -> str:
    """A picture with its name for those who cannot see it. Marks are SVG already."""
    return (
        f'<svg viewBox="0 0 {WIDTH} {HEIGHT}" role="img" aria-label="{escape(name)}">{axes.frame()}'
        f'<g class="marks">{marks}</g></svg>'
    )


def ticks(low: float, high: float, count: int, *, whole: bool = False) -> list[float]:
    """About so many round numbers between two."""
    if not high > low:
        return [low]
    rough = (high - low) / count
    power = 10.0 ** math.floor(math.log10(rough))
    step = next(power * factor for factor in (1, 2, 5, 10) if power * factor >= rough * 0.999)
    step = max(1.0, round(step)) if whole else step
    first, last = math.ceil(low / step - 1e-9), math.floor(high / step + 1e-9)
    return [index * step for index in range(first, last + 1)]


def tick_text(value: float) -> str:
    """Without the digits that say nothing."""
    return f"{value:.4g}" if abs(value) < 10_000 else f"{value:.0f}" if abs(value) < 1e7 else f"{value:.2g}"
