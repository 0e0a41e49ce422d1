"""Changes of the text that may make a claim hold, not yet tried.

In: a pair of accesses that may meet. Out: drafts in groups, the nearest to what is written first; of each group one is
enough.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from functools import partial

from apwa_lang.diagnostics.model import Edit
from apwa_lang.proofs.accesses import Access
from apwa_lang.proofs.claims import Witness
from apwa_lang.proofs.inputs import with_scans
from apwa_lang.proofs.pairs import Pair
from apwa_lang.proofs.parties import step_of, tool_of
from apwa_lang.proofs.path_texts import (
    Pieces,
    below_folder,
    by_identity,
    in_folder,
    keyed,
    parted,
    refiltered,
    renamed,
    text_of,
    unfiltered,
    with_identity,
    written,
    written_span,
)
from apwa_lang.semantics.program import Reduce, Save, Scan, Step, as_written
from apwa_lang.syntax.source import Span

_BY_TREE = re.compile(r"\bby\s+tree\s*\([^()]*\)")

Way = Callable[[Access, Pieces], Pieces]


@dataclass(frozen=True, slots=True)
class Draft:
    """``shown`` is what is new, ``action`` what to do. ``safe`` where each field stays where it is in its path."""

    shown: str
    action: str
    edits: tuple[Edit, ...]
    safe: bool = False


Group = Iterator[Draft]


def drafts(pair: Pair, witness: Witness | None) -> tuple[Group, ...]:
    """What to try for ``pair``, which ``witness`` refutes."""
    sides = list({one.effect.span: one for one in (pair.left, pair.right) if _is_written_here(one)}.values())
    if pair.separate and pair.left.scope.kind == "calls":
        return (_by_fold(pair),)
    if pair.separate:
        both_write = pair.left.writes and pair.right.writes
        return _nearest(pair, witness, sides), _rewritten(sides[-1:] if both_write else [], False, by_identity)
    own = [side for side in sides if side.effect.span.source is side.step.span.source]
    if not (pair.left.writes and pair.right.writes):
        return _after(pair), _own_folders(own, named=True)
    if len(own) < 2:
        return (_after(pair),)
    return _beside_another(own), _after(pair)


def _is_written_here(access: Access) -> bool:
    """Whether the task or ``save`` itself, not a tool that it may call, writes the path."""
    return access.writes and written_span(access) is not None and tool_of(access) is None


def _nearest(pair: Pair, witness: Witness | None, sides: list[Access]) -> Group:
    """Paths that tell sub-problems of one step apart."""
    if witness is None or not witness.told_by:
        # Else two rows agree in all that is written, however it is written.
        yield from _rewritten(sides, True, keyed)
        yield from _rewritten(sides, True, parted)
        yield from _rewritten(sides, True, parted, keyed)
        yield from _rewritten(sides, False, refiltered)
        yield from _rewritten(sides, False, unfiltered)
    for side in sides:
        yield from _rewritten([side], False, partial(with_identity, key=False))
        yield from _rewritten([side], False, keyed, partial(with_identity, key=True))
    if pair.left.effect is not pair.right.effect:
        yield from _own_folders(sides)


def _beside_another(sides: list[Access]) -> Group:
    """Paths that no sub-problems of two steps share."""
    yield from _rewritten(sides, True, keyed)
    yield from _own_folders(sides, named=True)


def _own_folders(sides: list[Access], named: bool = False) -> Group:
    """Each path in a folder called after what writes it, the later path first; ``named`` says whose path it is.

    What is saved goes to a file called after its table.
    """
    for side in reversed(sides):
        if isinstance(side.step.operation, Save):
            table = as_written(side.step.operation.table.split(".")[-1])
            yield from _moved(side, partial(renamed, name=table), named)
    for side in reversed(sides):
        if isinstance(side.step.operation, Save):
            table = as_written(side.step.operation.table.split(".")[-1])
            yield from _moved(side, partial(renamed, name=f"{table}-2"), named)
        name = as_written(side.name.split(".")[-1])
        for way in (in_folder, below_folder):
            yield from _moved(side, partial(way, name=name), named)


def _moved(side: Access, way: Way, named: bool) -> Group:
    """One path, changed in one way."""
    whose = step_of(side) if isinstance(side.step.operation, Save) else f"`{side.name}`"
    for draft in _rewritten([side], False, way):
        yield replace(draft, shown=f"{draft.shown} in {whose}") if named else draft


def _rewritten(sides: list[Access], safe: bool, *ways: Way) -> Group:
    """The paths of all sides, changed in these ways; nothing where that changes none."""
    shown: list[str] = []
    edits: list[Edit] = []
    for side in sides:
        place, path = written_span(side), written(side)
        for way in ways:
            path = way(side, path)
        text = text_of(path)
        if place is not None and text != place.text:
            shown.append(f'"{text}"')
            edits.append(Edit(place, text))
    if edits:
        paths = " beside ".join(shown)
        yield Draft(paths, f"write to {paths}", tuple(edits), safe)


def _by_fold(pair: Pair) -> Group:
    """``by fold`` in place of ``by tree(n)``: its calls follow each other."""
    extent = pair.left.step.extent
    found = _BY_TREE.search(extent.text) if extent is not None else None
    if extent is not None and found is not None and isinstance(pair.left.step.operation, Reduce):
        place = Span(extent.source, extent.start + found.start(), extent.start + found.end())
        shown = f"`by fold` in place of `{found[0]}`"
        yield Draft(shown, f"say {shown}", (Edit(place, "by fold"),))


def _after(pair: Pair) -> Group:
    """``after`` at the end of the later of two statements."""
    first: Step | None
    if isinstance(pair.left.step.operation, Scan):
        first, second = _last_user(pair), pair.right.step
    else:
        first, second = sorted((pair.left.step, pair.right.step), key=lambda step: step.span.start)
    if first is None or second.extent is None or isinstance(first.operation, Save):
        return
    name = as_written(first.name)
    end = Span(second.extent.source, second.extent.end, second.extent.end)
    shown = f"`after {name}` at the end of {step_of(pair.right if second is pair.right.step else pair.left)}"
    yield Draft(shown, f"put {shown}", (Edit(end, f", {name}" if second.after else f" after {name}"),))


def _last_user(pair: Pair) -> Step | None:
    """The last statement before the right one that needs the rows of the table on the left."""
    program, table, then = pair.left.binding.program, pair.left.step.name, pair.right.step
    steps = [step for flow in program.flows.values() for step in with_scans(program, flow).steps]
    users = [step for step in steps if table in step.depends and step.span.source is then.span.source]
    return max((one for one in users if one.span.end < then.span.start), key=lambda one: one.span.start, default=None)
