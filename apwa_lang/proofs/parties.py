"""The two parties of a claim, as messages call them.

In: a pair of accesses, or one of them. Out: their names, what each does, and the rows and paths of a witness.
"""

from __future__ import annotations

import posixpath

from apwa_lang.proofs.accesses import Access
from apwa_lang.proofs.claims import Witness
from apwa_lang.proofs.pairs import Pair
from apwa_lang.proofs.path_texts import written_span
from apwa_lang.semantics.agents import tools_of
from apwa_lang.semantics.program import Save, Scan, as_written
from apwa_lang.syntax.source import Span

_DOES = {"read": "reads", "write": "writes", "reduce": "updates"}


def who(pair: Pair) -> str:
    """``two sub-problems of `work```, or the two steps."""
    if pair.separate:
        return f"two {calls(pair.left)} of `{pair.right.name}`"
    return f"{step_of(pair.left)} and {step_of(pair.right)}"


def calls(access: Access) -> str:
    """What a step has several of."""
    return "sub-problems" if access.scope.kind == "subproblems" else "calls"


def step_of(access: Access) -> str:
    """The step, as the program writes it."""
    match access.step.operation:
        case Save(table=table):
            return f"`save {as_written(table)}`"
        case Scan(table=table):
            return f"table `{table}`"
        case _:
            return f"`{as_written(access.step.name)}`"


def tool_of(access: Access) -> str | None:
    """The tool of an agent that has the effect, or None if the task itself has it."""
    if access.task is None or any(access.effect is own for own in access.task.effects):
        return None
    tools = tools_of(access.task, access.binding.program)
    return next((tool.name for tool in tools if access.effect in tool.effects), None)


def span_of(access: Access) -> Span:
    """Where the path stands."""
    return written_span(access) or access.effect.span


def sides(pair: Pair) -> tuple[str, str]:
    """What the two are called beside their rows."""
    if pair.separate:
        noun = pair.left.scope.noun if pair.left.scope.kind == "subproblems" else "call"
        return f"{noun} 1", f"{noun} 2"
    return step_of(pair.left), step_of(pair.right)


def does(name: str, access: Access) -> str:
    """What the party called ``name`` does with the path."""
    if isinstance(access.step.operation, Scan):
        return f"{name} is read from this"
    tool = tool_of(access)
    what = "all that is in this folder" if access.path.tree else "this"
    return f"{name} {_DOES[access.effect.kind]} {what}" + (f" through the tool `{tool}`" if tool is not None else "")


def reading(access: Access) -> str:
    """What a step that reads does with ``it``."""
    return f"{step_of(access)} {'is read from' if isinstance(access.step.operation, Scan) else 'reads'} it"


def facts(pair: Pair, witness: Witness) -> tuple[str, ...]:
    """The two rows and what they touch, a line each."""
    rows = [_row(row) for row in (witness.left, witness.right)]
    paths = [_shown(pair.left, witness.left_path), _shown(pair.right, witness.right_path)]
    names = [f"{name}:" for name in sides(pair)]
    if paths[0] == paths[1]:
        lines = [*((name, row) for name, row in zip(names, rows, strict=True) if row), ("both:", paths[0])]
    else:
        deeds = [f"{_DOES[one.effect.kind]} {path}" for one, path in zip((pair.left, pair.right), paths, strict=True)]
        lines = [(name, f"{row} {deed}".strip()) for name, row, deed in zip(names, rows, deeds, strict=True)]
    width = max(len(name) for name, _ in lines)
    return tuple(f"{name:<{width}} {text}" for name, text in lines)


def _row(row: tuple[tuple[str, str], ...]) -> str:
    return "{ " + ", ".join(f"{name}: {value}" for name, value in row) + " }" if row else ""


def _shown(access: Access, path: str) -> str:
    """The path without ``.``, ``..`` and doubled slashes, unless part of it is not known."""
    plain = path if "://" in path or "{{" in path else posixpath.normpath(path)
    return f"{plain.rstrip('/')}/**" if access.path.tree else plain
