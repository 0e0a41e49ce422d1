"""Calls of tasks: arguments put to parameters and checked.

In: arguments as written, a task's signature, and the scope that the arguments are read in. Out: checked expressions by
parameter, in the order of the parameters.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import replace
from itertools import permutations
from typing import Final

from apwa_lang.diagnostics.codes import maps as codes
from apwa_lang.diagnostics.model import Edit, Fix
from apwa_lang.semantics.arguments import match_arguments
from apwa_lang.semantics.context import File
from apwa_lang.semantics.core import Core
from apwa_lang.semantics.expressions import check, check_against
from apwa_lang.semantics.scope import Scope
from apwa_lang.semantics.tasks import Signature
from apwa_lang.semantics.types import Type, assignable
from apwa_lang.semantics.uses import Recorder, Role
from apwa_lang.syntax import nodes as ast
from apwa_lang.syntax.source import Span

_MOST_PARAMETERS: Final = 5


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
    wrong = bool(matched.surplus or matched.unknown or matched.repeated)
    missing = [name for name in types if name not in matched.given]
    if not wrong and arguments and (order := _in_order(arguments, matched.given, types, scope)) is not None:
        extent = arguments[0].span.to(arguments[-1].span)
        if missing:
            fix = Fix(f"write `{task}({order})`", (Edit(extent, order),), safe=False)
            report(codes.missing_arguments(place, task, missing, signature.span, types, fix))
            return None
        report(codes.swapped_arguments(extent, task, order, tuple(signature.places.values())))
        return None
    checked: dict[str, Core] = {}
    for name, argument in matched.given.items():
        what = f"the argument `{name}` of `{task}`"
        because = (signature.places[name], f"`{name}` is `{types[name]}`")
        core = check_against(argument.value, types[name], scope, what, because)
        if argument.name is not None:
            file.uses.record(argument.name.span, signature.declared[name], Role.WRITE, types[name])
        checked[name] = file.whole_core(core, hidden)
    if missing and not wrong:
        report(codes.missing_arguments(place, task, missing, signature.span, types))
    return None if missing or wrong else tuple((name, checked[name]) for name in types)


def _in_order(
    arguments: Sequence[ast.Argument], given: Mapping[str, ast.Argument], types: Mapping[str, Type], scope: Scope
) -> str | None:
    """Arguments that fit every parameter: those given, in another order, and for missing ones what has their name.

    None where those given fit as they are, where nothing fits, or where several ways do.
    """
    silent = replace(scope, report=lambda _: None, uses=Recorder())
    found = {id(argument): check(argument.value, silent)[1] for argument in arguments}

    def fits(order: Iterable[ast.Argument]) -> bool:
        return all(assignable(found[id(one)], type) for one, type in zip(order, types.values(), strict=True))

    if len(given) == len(types):
        if len(types) > _MOST_PARAMETERS or any(one.name for one in arguments) or fits(given.values()):
            return None
        orders = [order for order in permutations(arguments) if fits(order)]
        return ", ".join(one.span.text for one in orders[0]) if len(orders) == 1 else None
    texts: dict[str, str] = {}
    for name, argument in given.items():
        value = argument.value
        meant = value.name if isinstance(value, ast.Variable) and value.name in types else name
        if meant in texts or not assignable(found[id(argument)], types[meant]):
            return None
        texts[meant] = value.span.text
    for name, type in types.items():
        binding = scope.names.get(name)
        if name not in texts and binding is not None and assignable(binding.type, type):
            texts[name] = name
    return ", ".join(texts[name] for name in types) if texts.keys() == types.keys() else None
