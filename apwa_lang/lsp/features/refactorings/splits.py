"""Splits moved between a flow and the program.

In: a split under the cursor. Out: the split as a declaration, for all flows to use; or as a statement of the one flow
that uses it.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from apwa_lang.lsp.features.refactorings.edits import Refactoring, above, nodes, with_docs, without
from apwa_lang.lsp.view import View
from apwa_lang.semantics.uses import Role
from apwa_lang.syntax import nodes as n
from apwa_lang.syntax.source import Span


def splits(view: View, path: Sequence[n.Node]) -> Iterator[Refactoring]:
    """Move the split of a flow out of it, or a declared one into its flow."""
    match path:
        case [n.Flow() as flow, n.Split() as split, *_] if not view.checked.has_errors:
            yield from _out(view, flow, split)
        case [n.Split() as split, *_] if not view.checked.has_errors:
            yield from _into(view, split)


def _out(view: View, flow: n.Flow, split: n.Split) -> Iterator[Refactoring]:
    own = {node.name.text for node in nodes(flow.statements) if isinstance(node, n.Assign | n.Split)}
    named = {node.name.partition(".")[0] for node in nodes(split.rule) if isinstance(node, n.Variable)}
    others = (other for other in view.module.declarations if other is not flow)
    elsewhere = {node.name.text for node in nodes(tuple(others)) if isinstance(node, n.Assign | n.Split)}
    taken = {node.name.text for node in view.module.declarations if not isinstance(node, n.Import | n.Test)} | {
        node.alias.text for node in view.module.declarations if isinstance(node, n.Import)
    }
    name = split.name.text
    assigned_again = sum(1 for node in nodes(flow.statements) if isinstance(node, n.Split) and node.name.text == name)
    if split.table.text in own or named & own or name in taken | elsewhere or assigned_again > 1:
        return
    moved = with_docs(split.span)
    edits = (above(with_docs(flow.span), f"{_lines(moved)}\n"), without(moved))
    yield Refactoring(f"Declare `{name}` outside of the flow", "extract", edits)


def _into(view: View, split: n.Split) -> Iterator[Refactoring]:
    uses = view.checked.uses
    declared = uses.at(view.source, split.name.span.start)
    read = [use.span for use in uses.of(declared.declaration) if use.role is Role.READ] if declared else []
    flows = [flow for flow in view.module.declarations if isinstance(flow, n.Flow)]
    flow = next((flow for flow in flows if read and all(_holds(flow.span, use) for use in read)), None)
    if flow is None:
        return
    first = next((one for one in flow.statements if any(_holds(one.span, use) for use in read)), None)
    if first is None or isinstance(first, n.Repeat):
        return
    moved = with_docs(split.span)
    edits = (without(moved), above(with_docs(first.span), _lines(moved)))
    yield Refactoring(f"Move `{split.name.text}` into `flow {flow.name.text}`", "inline", edits)


def _lines(span: Span) -> str:
    """A split, its doc comments first, without indentation."""
    return "\n".join(line.strip() for line in span.text.split("\n"))


def _holds(outer: Span, inner: Span) -> bool:
    return outer.source is inner.source and outer.start <= inner.start and inner.end <= outer.end
