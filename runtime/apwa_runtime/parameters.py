"""What expressions and templates see of a program's parameters.

In: the parameters of a plan. Out: native values by name. A parameter of an imported file is ``pii.style`` to
expressions, which look up the whole name, and ``pii`` with an item ``style`` to templates, which follow the dot.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from apwa_compiler.plan import Parameter
from apwa_runtime.expressions import native


def parameter_names(parameters: Iterable[Parameter]) -> dict[str, Any]:
    """The names that every call starts from."""
    names: dict[str, Any] = {}
    for parameter in parameters:
        value = native(parameter.value, parameter.type)
        names[parameter.name] = value
        *prefixes, last = parameter.name.split(".")
        inner = names
        for prefix in prefixes:
            inner = inner.setdefault(prefix, {})
        inner[last] = value
    return names
