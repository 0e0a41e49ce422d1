"""Shell scripts from templates.

In: the text of a checked template. Out: a function from names to a script and the assignments that it needs. A value
never becomes part of the script: it is assigned to a variable, and its hole becomes an expansion of that variable, as
one word, or as one word for each element of a list. So nothing in a value is ever run or expanded. Numbers, ``true``
and ``false`` stand as they are.
"""

from __future__ import annotations

import shlex
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from jinja2 import Undefined, pass_context
from jinja2.runtime import Context

from apwa_runtime.evaluation import plain_text, shown
from apwa_runtime.shell_quoting import Quoting
from apwa_runtime.templates import TemplateError, compile_template

# Where a rendered template has a hole: neither a template nor a word of a shell can hold this character.
_MARK = "\0"
_HOLES = "@holes"


@dataclass(frozen=True, slots=True)
class Script:
    """The text of a script, and assignments that come before it."""

    text: str
    values: str


def compile_script(text: str) -> Callable[[Mapping[str, Any]], Script]:
    """A function that makes the script of ``text``. It raises TemplateError, as does this for a text that is none."""
    if _MARK in text:
        raise TemplateError("a script cannot hold a NUL character")
    render = compile_template(text, _marked)

    def script(names: Mapping[str, Any]) -> Script:
        holes: list[Any] = []
        return _script(render({**names, _HOLES: holes}), holes)

    return script


@pass_context
def _marked(context: Context, value: Any) -> Any:
    """A mark where the hole is; its value is kept for later."""
    if isinstance(value, Undefined):
        return value
    if isinstance(value, bool | int | float):
        return plain_text(value)
    holes: list[Any] = context[_HOLES]
    holes.append(value)
    return _MARK


def _script(rendered: str, holes: list[Any]) -> Script:
    quoting = Quoting()
    assignments: list[str] = []
    first, *others = rendered.split(_MARK)
    quoting.read(first)
    pieces = [first]
    for value, text in zip(holes, others, strict=True):
        names = []
        for word in _words(value):
            names.append(f"_{len(assignments) + 1}")
            assignments.append(f"{names[-1]}={shlex.quote(word)}\n")
        pieces += [quoting.expanded(names), text]
        quoting.read(text)
    return Script("".join(pieces), "".join(assignments))


def _words(value: Any) -> list[str]:
    words = [plain_text(item) for item in value] if isinstance(value, list | tuple) else [_word(value)]
    for word in words:
        if "\0" in word:
            raise TemplateError(f"a word of a shell cannot hold a NUL character: {shown(word)}")
    return words


def _word(value: Any) -> str:
    return "" if value is None else plain_text(value)
