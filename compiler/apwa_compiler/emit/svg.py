"""A plan as an SVG drawing, without an external program.

In: a plan. Out: SVG text: boxes in layers, each step below what it waits for. The layout is Sugiyama's in small:
longest path layering, a few sweeps of barycentre ordering, then boxes moved towards the middle of their neighbours.
"""

from __future__ import annotations

from collections.abc import Iterator
from html import escape

from apwa_compiler.emit.layout import Layout, Point, layout
from apwa_compiler.emit.nodes import KINDS, Node, nodes
from apwa_compiler.plan import Plan

_FONT = "ui-sans-serif, system-ui, -apple-system, 'Segoe UI', Helvetica, Arial, sans-serif"
_CHARACTER = 6.9
_SIDE = 28.0
_BOX_HEIGHT = 62.0
_MARGIN = 24.0
_LEGEND = 34.0


def svg(plan: Plan) -> str:
    """The drawing as a whole SVG document; equal plans give equal bytes."""
    drawn = nodes(plan)
    place = {node.name: index for index, node in enumerate(drawn)}
    edges = [(place[name], place[step.name]) for step in plan.steps for name in (*step.inputs, *step.after)]
    waits = {(place[name], place[step.name]) for step in plan.steps for name in step.after if name not in step.inputs}
    laid = layout([_width(node) for node in drawn], _BOX_HEIGHT, edges)
    kinds = [kind for kind in KINDS if any(node.kind == kind for node in drawn)]
    width = max(laid.width, _legend_width(kinds)) + 2 * _MARGIN
    height = laid.height + 2 * _MARGIN + _LEGEND
    lines = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width:g} {height:g}" width="{width:g}" '
        f'height="{height:g}" font-family="{_FONT}" role="img">',
        f"<title>{escape(f'Flow {plan.flow} of {plan.program}')}</title>",
        "<style>.n{font-weight:600;font-size:13px}.t{font-size:12px}.r{font-size:11px;fill:#57606a}"
        ".e{fill:none;stroke:#57606a;stroke-width:1.4;marker-end:url(#a)}.w{stroke-dasharray:5 4}"
        "text{fill:#1b1f24}</style>",
        '<defs><marker id="a" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="7" markerHeight="7" orient="auto">'
        '<path d="M0 0L8 4L0 8z" fill="#57606a"/></marker></defs>',
        f'<rect width="{width:g}" height="{height:g}" fill="#ffffff"/>',
        f'<g transform="translate({_MARGIN + (width - 2 * _MARGIN - laid.width) / 2:g} {_MARGIN:g})">',
        *(_edge(path, edge in waits) for edge, path in laid.paths.items()),
        *(line for index, node in enumerate(drawn) for line in _box(node, index, laid)),
        "</g>",
        *_legend(kinds, height - _LEGEND + 4),
        "</svg>",
    ]
    return "\n".join(lines) + "\n"


def _width(node: Node) -> float:
    longest = max(len(node.name) * 1.12, len(node.text), len(node.row) * 0.92)
    return max(96.0, round(longest * _CHARACTER + _SIDE))


def _edge(path: list[Point], waits: bool) -> str:
    """Curves that leave and enter boxes vertically, through the free places of the layers between."""
    first, *others = path
    drawn = f"M{first.x:g} {first.y:g}"
    for before, point in zip(path, others, strict=False):
        middle = (before.y + point.y) / 2
        drawn += f"C{before.x:g} {middle:g} {point.x:g} {middle:g} {point.x:g} {point.y:g}"
    return f'<path class="e{" w" if waits else ""}" d="{drawn}"/>'


def _box(node: Node, index: int, laid: Layout) -> Iterator[str]:
    left, top, width = laid.left[index], laid.top[index], laid.widths[index]
    colours = KINDS[node.kind]
    yield (
        f'<rect x="{left:g}" y="{top:g}" width="{width:g}" height="{_BOX_HEIGHT:g}" rx="9" '
        f'fill="{colours.fill}" stroke="{colours.stroke}"/>'
    )
    centre = left + width / 2
    first = top + (20 if node.row else 28)
    for style, text, y in (("n", node.name, first), ("t", node.text, first + 17), ("r", node.row, first + 33)):
        if text:
            yield f'<text class="{style}" x="{centre:g}" y="{y:g}" text-anchor="middle">{escape(text)}</text>'


def _legend_width(kinds: list[str]) -> float:
    return sum(40 + len(KINDS[kind].label) * _CHARACTER for kind in kinds)


def _legend(kinds: list[str], top: float) -> Iterator[str]:
    x = _MARGIN
    for kind in kinds:
        colours = KINDS[kind]
        yield (
            f'<rect x="{x:g}" y="{top:g}" width="14" height="14" rx="4" fill="{colours.fill}" '
            f'stroke="{colours.stroke}"/>'
        )
        yield f'<text class="t" x="{x + 20:g}" y="{top + 11.5:g}">{escape(colours.label)}</text>'
        x += 40 + len(colours.label) * _CHARACTER
