"""The costs of growth as a picture: how many times the first size each call takes at each size."""

from collections.abc import Mapping, Sequence
from html import escape
from math import log2, log10

WIDTH, HEIGHT, MARGIN, KEY = 640, 360, 50, 130
COLOURS = ("#1b6ca8", "#c1502e", "#3d8b40", "#7b4fa3", "#8a6d1f", "#444444")
LEAST, MOST = 0.5, 4.0  # of the ratios that are shown


def drawn(title: str, sizes: Sequence[int], costs: Mapping[str, Sequence[float]]) -> str:
    """An SVG of a line for each call; both axes logarithmic, the goal of 2 dashed.

    Args: ``costs``: by call, one for each size.
    """
    head = f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" font-family="sans-serif" '
    head += 'font-size="12">'
    parts = [head, f'<rect width="{WIDTH}" height="{HEIGHT}" fill="white"/>']
    parts.append(f'<text x="{MARGIN}" y="24">{escape(title)}</text>')
    for ratio in (0.5, 1.0, 2.0, 4.0):
        at, dashes = _y(ratio), ' stroke-dasharray="6 4"' if ratio == 2.0 else ""  # noqa: PLR2004 - the goal
        parts.append(f'<line x1="{MARGIN}" x2="{WIDTH - KEY}" y1="{at:.1f}" y2="{at:.1f}" stroke="#bbb"{dashes}/>')
        parts.append(f'<text x="{MARGIN - 8}" y="{at + 4:.1f}" text-anchor="end">{ratio:g}×</text>')
    parts += [
        f'<text x="{_x(size, sizes):.1f}" y="{HEIGHT - MARGIN + 20}" text-anchor="middle">{size:,}</text>'
        for size in sizes
    ]
    for number, (name, row) in enumerate(costs.items()):
        colour = COLOURS[number % len(COLOURS)]
        points = " ".join(
            f"{_x(size, sizes):.1f},{_y(cost / row[0]):.1f}" for size, cost in zip(sizes, row, strict=True)
        )
        parts.append(f'<polyline points="{points}" fill="none" stroke="{colour}" stroke-width="2"/>')
        words = escape(name.replace("_", " "))
        parts.append(f'<text x="{WIDTH - KEY + 12}" y="{MARGIN + 20 * number}" fill="{colour}">{words}</text>')
    return "\n".join([*parts, "</svg>", ""])


def _x(size: int, sizes: Sequence[int]) -> float:
    span = log10(sizes[-1] / sizes[0]) or 1.0
    return MARGIN + (WIDTH - KEY - MARGIN) * log10(size / sizes[0]) / span


def _y(ratio: float) -> float:
    shown = min(max(ratio, LEAST), MOST)
    return MARGIN + (HEIGHT - 2 * MARGIN) * (1 - log2(shown / LEAST) / log2(MOST / LEAST))
