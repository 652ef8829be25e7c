"""Drawings of an evaluation as inline SVG: scores with their intervals, and calibration."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from html import escape

from dashboard.theme import ACCENT, FAINT, GRID, INK, MUTED

__all__ = ["Line", "draw_calibration", "draw_intervals"]

Place = Callable[[float], float]

LABELS, WIDTH, ROW = 150, 660, 26
"""Pixels: the column of names, the whole drawing, one row."""


@dataclass(frozen=True)
class Line:
    """One row of a drawing of intervals; `faint` where there are too few posts."""

    name: str
    note: str
    values: tuple[float, float, float]
    """The value, then its interval."""
    faint: bool = False
    heading: bool = False
    """Stands apart from the row above."""


def draw_intervals(
    lines: Sequence[Line], low: float, high: float, title: str, *, signed: bool = False
) -> str:
    """Draw values with their intervals between `low` and `high`; `signed` marks zero."""
    right, top = WIDTH - 150, 26

    def place(value: float) -> float:
        share = (min(max(value, low), high) - low) / (high - low)
        return LABELS + share * (right - LABELS)

    parts, y = [], top
    for line in lines:
        y += 12 if line.heading else 0
        parts.append(_draw_line(line, place, y + ROW / 2, right, signed=signed))
        y += ROW
    ticks = [_draw_tick(v, place(v), top, y, signed=signed) for v in _ticks(low, high)]
    return _svg(WIDTH, y + 8, title, [*ticks, *parts])


def _draw_line(line: Line, place: Place, y: float, right: float, *, signed: bool) -> str:
    ink = FAINT if line.faint else ACCENT
    at, low, high = line.values
    value = f"{at:+.3f}" if signed else f"{at:.3f}"
    mark = f'fill="#fff" stroke="{ink}" stroke-width="1.5"' if line.faint else f'fill="{ink}"'
    return (
        f'<text x="{LABELS - 12}" y="{y + 4:.1f}" text-anchor="end" fill="{INK}">'
        f"{escape(line.name)}</text>"
        f'<line x1="{place(low):.1f}" x2="{place(high):.1f}" y1="{y:.1f}" y2="{y:.1f}"'
        f' stroke="{ink}" stroke-width="{2 if line.faint else 3}" stroke-opacity=".45"'
        f' stroke-linecap="round"/>'
        f'<circle cx="{place(at):.1f}" cy="{y:.1f}" r="4.5" {mark}/>'
        f'<text x="{right + 14}" y="{y + 4:.1f}" fill="{MUTED if line.faint else INK}">'
        f'{value} <tspan fill="{MUTED}">{escape(line.note)}</tspan></text>'
    )


def _draw_tick(value: float, x: float, top: float, bottom: float, *, signed: bool) -> str:
    word = f"{value:+.2f}" if signed and value else f"{value:.2f}".rstrip("0").rstrip(".") or "0"
    zero = signed and abs(value) < 1e-9  # noqa: PLR2004
    return (
        f'<line x1="{x:.1f}" x2="{x:.1f}" y1="{top - 4}" y2="{bottom:.1f}"'
        f' stroke="{MUTED if zero else GRID}"/>'
        f'<text x="{x:.1f}" y="{top - 10}" text-anchor="middle" fill="{MUTED}">{word}</text>'
    )


def _ticks(low: float, high: float) -> list[float]:
    """Round numbers from `low` to `high`, about six of them."""
    step = next(s for s in (0.01, 0.02, 0.05, 0.1, 0.2, 0.5) if (high - low) / s <= 6)  # noqa: PLR2004
    first = -int(-low // step) if low >= 0 else -int(-low / step)
    ticks = [round((first + i) * step, 4) for i in range(40)]
    return [t for t in ticks if low - 1e-9 <= t <= high + 1e-9]


def draw_calibration(curve: Sequence[dict[str, float]], title: str) -> str:
    """Draw the share right against the mean probability, with the line where they are the same."""
    size, left, top = 320, 52, 12

    def x(p: float) -> float:
        return left + p * size

    def y(p: float) -> float:
        return top + (1 - p) * size

    parts = []
    for p in (0, 0.2, 0.4, 0.6, 0.8, 1):
        parts.append(f'<line x1="{x(0)}" x2="{x(1)}" y1="{y(p)}" y2="{y(p)}" stroke="{GRID}"/>')
        parts.append(
            f'<text x="{left - 8}" y="{y(p) + 4}" text-anchor="end" fill="{MUTED}">{p:g}</text>'
            f'<text x="{x(p)}" y="{y(0) + 18}" text-anchor="middle" fill="{MUTED}">{p:g}</text>'
        )
    parts.append(
        f'<line x1="{x(0)}" y1="{y(0)}" x2="{x(1)}" y2="{y(1)}" stroke="{FAINT}"'
        ' stroke-dasharray="4 4"/>'
    )
    points = [(x(b["probability"]), y(b["right"]), b) for b in curve]
    path = " ".join(f"{a:.1f},{b:.1f}" for a, b, _ in points)
    parts.append(f'<polyline points="{path}" fill="none" stroke="{ACCENT}" stroke-width="2"/>')
    parts += [
        f'<circle cx="{a:.1f}" cy="{b:.1f}" r="4.5" fill="{ACCENT}"><title>{bin_["n"]} posts: '
        f"said {bin_['probability']:.2f}, right {bin_['right']:.2f}</title></circle>"
        for a, b, bin_ in points
    ]
    parts.append(
        f'<text x="{x(0.5)}" y="{y(0) + 40}" text-anchor="middle" fill="{INK}">'
        "probability that the model gave</text>"
        f'<text transform="translate(14 {y(0.5)}) rotate(-90)" text-anchor="middle" fill="{INK}">'
        "share that was right</text>"
    )
    return _svg(left + size + 14, top + size + 50, title, parts)


def _svg(width: float, height: float, title: str, parts: Sequence[str]) -> str:
    return (
        f'<svg viewBox="0 0 {width:.0f} {height:.0f}" width="{width:.0f}" role="img"'
        f' aria-label="{escape(title)}" font-size="13">{"".join(parts)}</svg>'
    )
