"""Which fields of a sub-problem the paths of its task depend on.

In: a step's argument expressions and its task's path templates and conditions. Out: the arguments and fields that
rendering those paths needs, so that a launch check need not read whole rows.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from jinja2 import Environment
from jinja2.nodes import Const, Getattr, Getitem, Name, Node

from apwa_lang.semantics.core import Apply, Core, GetField, GetItem, MakeList, MakeMap, MakeRecord, Var

# A name and the field of it that is read, or None where all of it is.
Use = tuple[str, str | None]
WHOLE = "@"

_SYNTAX = Environment()


def uses(templates: Iterable[str], conditions: Iterable[Core]) -> frozenset[Use]:
    """What path templates and ``require`` conditions read of a call's arguments."""
    found: set[Use] = set()
    for template in templates:
        found.update(_of_template(_SYNTAX.parse(template)))
    for condition in conditions:
        found.update(_of_core(condition))
    return frozenset(found)


def fields_used(wanted: Iterable[Use], arguments: Sequence[tuple[str, Core]]) -> frozenset[str] | None:
    """The fields of the sub-problem behind ``wanted``, or None for all of them."""
    cores = dict(arguments)
    found: set[str] = set()
    for name, field in wanted:
        if name not in cores:
            continue
        core = cores[name] if field is None else GetField(cores[name], field)
        for root, part in _of_core(core):
            used = part if root == WHOLE else root
            if used is None:
                return None
            found.add(used)
    return frozenset(found)


def _of_template(node: Node) -> Iterator[Use]:
    match node:
        case Getattr(node=Name(name=name), attr=field) | Getitem(node=Name(name=name), arg=Const(value=str(field))):
            yield name, field
        case Name(name=name):
            yield name, None
        case _:
            for child in node.iter_child_nodes():
                yield from _of_template(child)


def _of_core(core: Core) -> Iterator[Use]:
    match core:
        case Var(name):
            yield name, None
        case GetField(Var(name), field):
            yield name, field
        case GetField(base):
            yield from _of_core(base)
        case GetItem(base, index):
            yield from _of_core(base)
            yield from _of_core(index)
        case Apply(arguments=parts) | MakeList(items=parts):
            for part in parts:
                yield from _of_core(part)
        case MakeRecord(fields=entries) | MakeMap(entries=entries):
            for _, part in entries:
                yield from _of_core(part)
