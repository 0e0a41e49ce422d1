"""Parameters of tasks and tools: their names, their types, and the scope that they make.

In: parameters as declared. Out: names with types, in order, and the file's scope with them.
"""

from __future__ import annotations

from apwa_lang.diagnostics.codes import names as codes
from apwa_lang.semantics.context import File
from apwa_lang.semantics.scope import Binding, Scope
from apwa_lang.semantics.types import Type
from apwa_lang.syntax import nodes as ast


def resolve_parameters(
    owner: str, parameters: tuple[ast.Parameter, ...], file: File, *, table_allowed: bool
) -> tuple[tuple[tuple[str, Type], ...], Scope]:
    """The parameters of ``owner``, the first of a name only, and the scope in which they hide what else is so named."""
    found: dict[str, Binding] = {}
    for parameter in parameters:
        name = parameter.name
        type = file.annotations.resolve(parameter.type, table_allowed=table_allowed)
        if name.text in found:
            first = found[name.text].span
            assert first is not None
            file.report(codes.duplicate("parameter", name, name.text, first))
            continue
        if name.text == "result":
            file.report(codes.reserved_parameter(name))
        declared = file.uses.declare("argument", name.text, name.span, owner, type)
        found[name.text] = Binding(type, name.span, declared)
    return tuple((name, binding.type) for name, binding in found.items()), file.scope.child(**found)
