"""Places for the boxes and edges of a layered drawing.

In: the widths of boxes, their common height, and the edges between them, from earlier to later boxes. Out: the corner
of each box and the points of each edge. Sizes are in pixels. After Sugiyama, Tagawa and Toda (1981): layers by longest
path, stand-ins where an edge passes a layer, barycentre sweeps, then moves towards the neighbours.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import NamedTuple

_GAP = 26.0
_BETWEEN = 46.0
_SWEEPS = 8


class Point(NamedTuple):
    """A place in the drawing."""

    x: float
    y: float


Edge = tuple[int, int]


@dataclass(frozen=True)
class Layout:
    """Corners of boxes by number, the points of each edge, and the size of the whole."""

    left: list[float]
    top: list[float]
    widths: list[float]
    paths: dict[Edge, list[Point]]
    width: float
    height: float


def layout(widths: Sequence[float], height: float, edges: Sequence[Edge]) -> Layout:
    """Lay out boxes ``0 … len(widths) - 1``; each edge goes from a lower number to a higher."""
    edges = list(dict.fromkeys(edges))
    layer = _layers(len(widths), edges)
    sizes = list(widths)
    chains: dict[Edge, list[int]] = {}
    for start, end in edges:
        chain = [start]
        for level in range(layer[start] + 1, layer[end]):
            chain.append(len(sizes))
            sizes.append(_GAP / 2)
            layer.append(level)
        chains[start, end] = [*chain, end]
    links = [(a, b) for chain in chains.values() for a, b in pairwise(chain)]
    above: list[list[int]] = [[] for _ in sizes]
    below: list[list[int]] = [[] for _ in sizes]
    for a, b in links:
        below[a].append(b)
        above[b].append(a)
    rows: list[list[int]] = [[] for _ in range(max(layer, default=-1) + 1)]
    for box, level in enumerate(layer):
        rows[level].append(box)
    _order(rows, above, below)
    centre = _centres(rows, sizes, above, below)

    leftmost = min((centre[box] - sizes[box] / 2 for box in range(len(sizes))), default=0.0)
    centre = [round(x - leftmost, 1) for x in centre]
    tops = [place * (height + _BETWEEN) for place in layer]
    paths = {edge: _path(chain, centre, tops, height) for edge, chain in chains.items()}
    return Layout(
        left=[centre[box] - widths[box] / 2 for box in range(len(widths))],
        top=tops[: len(widths)],
        widths=list(widths),
        paths=paths,
        width=max((centre[box] + sizes[box] / 2 for box in range(len(sizes))), default=0.0),
        height=max(len(rows) * (height + _BETWEEN) - _BETWEEN, 0.0),
    )


def _layers(count: int, edges: Sequence[Edge]) -> list[int]:
    """The longest path to each box; a box without inputs stands just above its first reader."""
    layer = [0] * count
    for start, end in sorted(edges, key=lambda edge: edge[1]):
        layer[end] = max(layer[end], layer[start] + 1)
    sources = set(range(count)) - {end for _, end in edges}
    for box in sources:
        readers = [layer[end] for start, end in edges if start == box]
        layer[box] = min(readers) - 1 if readers else 0
    return layer


def _order(rows: list[list[int]], above: list[list[int]], below: list[list[int]]) -> None:
    """Sort each layer by the mean place of its neighbours, down and up in turn."""
    for sweep in range(_SWEEPS):
        down = sweep % 2 == 0
        neighbours = above if down else below
        for row in rows[1:] if down else rows[-2::-1]:
            place = {box: index for other in rows for index, box in enumerate(other)}
            mean = {box: _mean([place[other] for other in neighbours[box]], place[box]) for box in row}
            row.sort(key=lambda box: (mean[box], place[box]))


def _centres(rows: list[list[int]], sizes: list[float], above: list[list[int]], below: list[list[int]]) -> list[float]:
    """The middle of each box: packed from the left, then drawn to its neighbours as far as there is room."""
    centre = [0.0] * len(sizes)
    for row in rows:
        x = 0.0
        for box in row:
            centre[box] = x + sizes[box] / 2
            x += sizes[box] + _GAP
    for sweep in range(2 * _SWEEPS):
        down = sweep % 2 == 0
        neighbours = above if down else below
        for row in rows[1:] if down else rows[-2::-1]:
            wanted = {box: _mean([centre[other] for other in neighbours[box]], centre[box]) for box in row}
            _spread(row, wanted, sizes, centre)
    return centre


def _spread(row: list[int], wanted: dict[int, float], sizes: list[float], centre: list[float]) -> None:
    """Put a layer's boxes as near to where they are wanted as their order and widths allow.

    Pool adjacent violators: boxes that would overlap form a block, which stands at its members' mean.
    """
    blocks: list[tuple[float, list[int], list[float]]] = []
    for box in row:
        members, offsets, position = [box], [0.0], wanted[box]
        while blocks:
            before, earlier, earlier_offsets = blocks[-1]
            edge = before + earlier_offsets[-1] + sizes[earlier[-1]] / 2 + _GAP
            if edge <= position - sizes[members[0]] / 2:
                break
            blocks.pop()
            step = earlier_offsets[-1] + sizes[earlier[-1]] / 2 + _GAP + sizes[members[0]] / 2
            offsets = [*earlier_offsets, *(offset + step for offset in offsets)]
            members = [*earlier, *members]
            position = _mean([wanted[member] - offset for member, offset in zip(members, offsets, strict=True)], 0.0)
        blocks.append((position, members, offsets))
    for position, members, offsets in blocks:
        for member, offset in zip(members, offsets, strict=True):
            centre[member] = position + offset


def _path(chain: list[int], centre: list[float], tops: list[float], height: float) -> list[Point]:
    """From the foot of the first box to the head of the last, straight past the layers between."""
    points = [Point(centre[chain[0]], tops[chain[0]] + height)]
    for box in chain[1:-1]:
        points += [Point(centre[box], tops[box]), Point(centre[box], tops[box] + height)]
    return [*points, Point(centre[chain[-1]], tops[chain[-1]])]


def _mean(values: Sequence[float], otherwise: float) -> float:
    return sum(values) / len(values) if values else otherwise
