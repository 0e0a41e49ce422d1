"""A plan as a Mermaid flowchart.

In: a plan. Out: text that Markdown viewers draw: a node a step, data edges solid, ordering edges dotted.
"""

from __future__ import annotations

from apwa_compiler.emit.nodes import KINDS, Node, nodes
from apwa_compiler.plan import Plan

_SHAPES = {"table": ("[(", ")]"), "save": ("[/", "/]")}


def mermaid(plan: Plan) -> str:
    """The flowchart, top down."""
    drawn = nodes(plan)
    ids = {node.name: f"s{place}" for place, node in enumerate(drawn)}
    lines = ["flowchart TD"]
    lines += [f"  {ids[node.name]}{_shape(node)}:::{node.kind}" for node in drawn]
    for step in plan.steps:
        for name in step.inputs:
            lines.append(f"  {ids[name]} --> {ids[step.name]}")
        for name in step.after:
            lines.append(f"  {ids[name]} -.-> {ids[step.name]}")
    used = {node.kind for node in drawn}
    lines += [
        f"  classDef {kind} fill:{colours.fill},stroke:{colours.stroke},color:#1b1f24"
        for kind, colours in KINDS.items()
        if kind in used
    ]
    return "\n".join(lines) + "\n"


def _shape(node: Node) -> str:
    opening, closing = _SHAPES.get(node.kind, ("(", ")"))
    lines = [f"<b>{_escaped(node.name)}</b>", *(_escaped(line) for line in (node.text, node.row) if line)]
    return f'{opening}"{"<br>".join(lines)}"{closing}'


def _escaped(text: str) -> str:
    """Text in a quoted Mermaid label: entities are written with ``#``."""
    for character, entity in (("#", "#35;"), ("&", "#38;"), ('"', "#quot;"), ("<", "#lt;"), (">", "#gt;")):
        text = text.replace(character, entity)
    return text.replace("\n", " ")
