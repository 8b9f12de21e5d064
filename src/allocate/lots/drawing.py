"""A map of the lots: places as discs by their people, borders as lines, one colour a lot."""

from __future__ import annotations

from html import escape
from math import sqrt

from allocate.lots.instance import Instance
from allocate.lots.solution import Solution, names

WIDE, EDGE, LARGEST = 640, 60, 26  # of the picture, its margin, and the largest disc
# Colours that people who see few of them can tell apart: M. Okabe & K. Ito, 2008.
COLOURS = ("#0072b2", "#e69f00", "#009e73", "#cc79a7", "#d55e00", "#56b4e9", "#f0e442", "#999999")


def drawings(instance: Instance, solution: Solution) -> dict[str, str]:
    """Return ``map.svg``, where it is known where places are; by file name.

    Parameters
    ----------
    instance, solution
        The question and the plan.
    """
    cells = instance.cells
    if not len(cells.east):
        return {}
    left, top = int(cells.east.min()), int(cells.north.max())
    across = max(1, int(cells.east.max()) - left)
    down = max(1, top - int(cells.north.min()))
    scale = (WIDE - 2 * EDGE) / max(across, down)
    at = [
        (EDGE + (int(e) - left) * scale, EDGE + (top - int(n)) * scale)
        for e, n in zip(cells.east, cells.north, strict=True)
    ]
    most = max(1, int(cells.residents.max()))
    labels = names(instance, solution)
    high = round(2 * EDGE + down * scale)
    wide = round(2 * EDGE + across * scale) + 120
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {wide} {high}" '
        'font-family="sans-serif" font-size="11">',
        f"<title>{len(labels)} lots</title>",
    ]
    for a, b in cells.edges.tolist():
        same = solution.lot[a] == solution.lot[b]
        look = 'stroke="#444" stroke-width="3"' if same else 'stroke="#bbb" stroke-dasharray="3"'
        (x, y), (u, v) = at[a], at[b]
        parts.append(f'<line x1="{x:.1f}" y1="{y:.1f}" x2="{u:.1f}" y2="{v:.1f}" {look}/>')
    for i, (x, y) in enumerate(at):
        radius = 4 + (LARGEST - 4) * sqrt(int(cells.residents[i]) / most)
        colour = COLOURS[int(solution.lot[i]) % len(COLOURS)]
        name = escape(cells.names[i])
        parts.append(f'<circle cx="{x:.1f}" cy="{y:.1f}" r="{radius:.1f}" fill="{colour}"/>')
        parts.append(f'<text x="{x + radius + 2:.1f}" y="{y + 4:.1f}">{name}</text>')
    for number, label in enumerate(labels):
        y = 20 + 16 * number
        colour = COLOURS[number % len(COLOURS)]
        parts.append(f'<rect x="{wide - 60}" y="{y - 10}" width="12" height="12" fill="{colour}"/>')
        parts.append(f'<text x="{wide - 42}" y="{y}">{escape(label)}</text>')
    return {"map.svg": "\n".join([*parts, "</svg>"]) + "\n"}
