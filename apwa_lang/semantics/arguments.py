"""Arguments by position or by name, put to the parameters that they are for.

In: arguments as written and the names of parameters. Out: the arguments by parameter, and what does not fit.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from apwa_lang.syntax import nodes as ast


@dataclass
class Matched:
    """``given`` by parameter; ``surplus`` beyond the last; ``unknown`` and ``repeated`` (with the first) by name."""

    given: dict[str, ast.Argument] = field(default_factory=dict)
    surplus: list[ast.Argument] = field(default_factory=list)
    unknown: list[ast.Argument] = field(default_factory=list)
    repeated: list[tuple[ast.Argument, ast.Argument]] = field(default_factory=list)


def match_arguments(arguments: Sequence[ast.Argument], parameters: Sequence[str]) -> Matched:
    """Put each argument to its parameter: those without a name in order, the others by name."""
    found = Matched()
    place = 0
    for argument in arguments:
        if argument.name is None:
            if place >= len(parameters):
                found.surplus.append(argument)
                continue
            name = parameters[place]
            place += 1
        else:
            name = argument.name.text
            if name not in parameters:
                found.unknown.append(argument)
                continue
        if name in found.given:
            found.repeated.append((argument, found.given[name]))
        else:
            found.given[name] = argument
    return found
