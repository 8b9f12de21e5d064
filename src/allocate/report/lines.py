"""A line over a few values, with what is proven below it: an SVG that needs nothing else."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape

WIDTH, HEIGHT, EDGE = 720, 260, 70  # pixels: picture, and room for words around it
LINE, PROVEN = "#44546a", "#c9d1dc"


def lines(
    title: str, names: Sequence[str], values: Sequence[float], least: Sequence[float | None]
) -> str:
    """Draw values as a line, and the range between each and its bound as a bar.

    Parameters
    ----------
    title
        What is drawn, for whoever cannot see it.
    names
        Along the bottom, evenly spaced.
    values
        One a name.
    least
        What no plan is below, one a name; None where nothing is proven.
    """
    known = [*values, *(bound for bound in least if bound is not None)]
    low, high = min(known), max(known)
    span = (high - low) or 1.0
    step = (WIDTH - 2 * EDGE) / max(len(names) - 1, 1)

    def across(at: int) -> float:
        return EDGE + at * step

    def down(value: float) -> float:
        return HEIGHT - EDGE + (low - value) * (HEIGHT - 2 * EDGE) / span

    parts = [
        f'<rect x="{across(n) - 4:.1f}" y="{down(value):.1f}" width="8" '
        f'height="{max(down(bound) - down(value), 0.0):.1f}" fill="{PROVEN}"/>'
        for n, (value, bound) in enumerate(zip(values, least, strict=True))
        if bound is not None
    ]
    points = " ".join(f"{across(n):.1f},{down(value):.1f}" for n, value in enumerate(values))
    parts.append(f'<polyline points="{points}" fill="none" stroke="{LINE}" stroke-width="2"/>')
    for n, (name, value) in enumerate(zip(names, values, strict=True)):
        x, y = across(n), down(value)
        parts.append(f'<circle cx="{x:.1f}" cy="{y:.1f}" r="4" fill="{LINE}"/>')
        parts.append(f'<text x="{x:.1f}" y="{y - 10:.1f}" text-anchor="middle">{value:,.6g}</text>')
        base = HEIGHT - EDGE / 3
        parts.append(f'<text x="{x:.1f}" y="{base:.1f}" text-anchor="middle">{escape(name)}</text>')
    label = escape(title, quote=True)
    inside = "\n".join(parts)
    return f'<svg viewBox="0 0 {WIDTH} {HEIGHT}" role="img" aria-label="{label}">\n{inside}\n</svg>'
