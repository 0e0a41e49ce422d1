"""Calls of tasks: arguments put to parameters and checked.

In: arguments as written, a task's signature, and the scope that the arguments are read in. Out: checked expressions by
parameter, in the order of the parameters.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence

from apwa_lang.diagnostics.codes import maps as codes
from apwa_lang.semantics.arguments import match_arguments
from apwa_lang.semantics.context import File
from apwa_lang.semantics.core import Core
from apwa_lang.semantics.expressions import check, check_against
from apwa_lang.semantics.scope import Scope
from apwa_lang.semantics.tasks import Signature
from apwa_lang.semantics.uses import Role
from apwa_lang.syntax import nodes as ast
from apwa_lang.syntax.source import Span


def check_arguments(
    arguments: Sequence[ast.Argument],
    signature: Signature,
    place: Span,
    scope: Scope,
    file: File,
    hidden: Collection[str] = (),
) -> tuple[tuple[str, Core], ...] | None:
    """The arguments of a call; None where one is missing or too many.

    ``place`` is that of the task's name in the call; ``hidden`` are names of the scope that hide parameters of the
    program.
    """
    types = dict(signature.parameters)
    for argument in arguments:
        file.uses.reach(argument.span, scope.names)
    matched = match_arguments(arguments, tuple(types))
    task, report = signature.name, file.report
    for argument in (*matched.surplus, *matched.unknown):
        check(argument.value, scope)
        if argument.name is None:
            report(codes.surplus_argument(argument.span, task, len(types), signature.span))
        else:
            report(codes.unknown_argument(argument.name, task, types, signature.span))
    for again, first in matched.repeated:
        parameter = next(name for name, given in matched.given.items() if given is first)
        report(codes.repeated_argument(again.span, task, parameter, first.span))
    checked: dict[str, Core] = {}
    for name, argument in matched.given.items():
        what = f"the argument `{name}` of `{task}`"
        because = (signature.places[name], f"`{name}` is `{types[name]}`")
        core = check_against(argument.value, types[name], scope, what, because)
        if argument.name is not None:
            file.uses.record(argument.name.span, signature.declared[name], Role.WRITE, types[name])
        checked[name] = file.whole_core(core, hidden)
    missing = [name for name in types if name not in checked]
    wrong = bool(matched.surplus or matched.unknown or matched.repeated)
    if missing and not wrong:
        report(codes.missing_arguments(place, task, missing, signature.span, types))
    return None if missing or wrong else tuple((name, checked[name]) for name in types)
