"""The signature of the call that is being written.

In: a view and an offset. Out: :class:`SignatureHelp`: what is called and which parameter is next. Calls are those of
tasks, functions, split rules, attributes, formats and built-in tools, and of filters inside templates.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from apwa_lang.lsp.context.around import Around
from apwa_lang.lsp.context.place import Place, place_at
from apwa_lang.lsp.view import View
from apwa_lang.semantics import builtin_tools, formats, reduces, splits
from apwa_lang.semantics.attributes import FORMS as ATTRIBUTES
from apwa_lang.semantics.builtins import FUNCTIONS
from apwa_lang.semantics.filters import FILTERS
from apwa_lang.semantics.forms import Form
from apwa_lang.semantics.signatures import Function, parts_of
from apwa_lang.syntax import nodes as ast
from apwa_lang.syntax.machine import Part


@dataclass(frozen=True, slots=True)
class Signature:
    """``label`` with the ``parameters`` in it, and what is called in a few words of Markdown.

    ``names`` are those by which the parameters may be given.
    """

    label: str
    doc: str
    parameters: tuple[str, ...]
    names: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class SignatureHelp:
    """The signatures of a call, the one that fits best so far, and its parameter that is being written.

    ``parameter`` is None where the argument is for none of them.
    """

    signatures: tuple[Signature, ...]
    active: int
    parameter: int | None


def signature_help(view: View, offset: int) -> SignatureHelp | None:
    """The call around ``offset``; None outside of calls."""
    place = place_at(view, offset)
    if place.prefix.comment is not None:
        return None
    if place.prefix.string is not None:
        found = _filter(place)
        if found is not None:
            return found
    at = _opening(place.parts)
    if at is None:
        return None
    signatures = _signatures(place, at, Around(view))
    given, name = _argument(place.parts[at + 1 :])
    return _help(signatures, given, name) if signatures else None


def _help(signatures: Sequence[Signature], given: int, name: str | None) -> SignatureHelp:
    fitting = (index for index, one in enumerate(signatures) if name in one.names or given < len(one.parameters))
    active = next(fitting, len(signatures) - 1)
    chosen = signatures[active]
    parameter: int | None = given
    if name is not None:
        parameter = chosen.names.index(name) if name in chosen.names else None
    elif given >= len(chosen.parameters):
        last = chosen.parameters[-1] if chosen.parameters else ""
        parameter = len(chosen.parameters) - 1 if last.startswith("...") else None
    return SignatureHelp(tuple(signatures), active, parameter)


def _opening(parts: Sequence[Part]) -> int | None:
    """The bracket of the innermost call that is open."""
    depth = 0
    for index in range(len(parts) - 1, 0, -1):
        symbol = parts[index].symbol
        depth += (symbol == ")") - (symbol == "(")
        if depth < 0:
            if isinstance(parts[index - 1].value, ast.Name) and index > len(("task", "name")):
                return index
            depth = 0
    return None


def _argument(parts: Sequence[Part]) -> tuple[int, str | None]:
    """How many arguments come before the one that is being written, and the name that this one is given by."""
    given = 0
    if parts and parts[0].symbol == "_arguments":
        given = len(parts[0].value)
        parts = parts[2:]
    name = parts[0].value if len(parts) > 1 and parts[1].symbol == ":" else None
    return given, name.text if isinstance(name, ast.Name) else None


def _signatures(place: Place, at: int, around: Around) -> list[Signature]:
    """What the name before the bracket may call."""
    text = place.parts[at - 1].value.text
    match place.parts[at - 2].symbol if at > 1 else "":
        case "@":
            return _of_form(f"@{text}", ATTRIBUTES.get(text))
        case "as":
            return _of_format(text)
        case "by":
            is_merge = any(part.symbol == "reduce" for part in place.parts)
            return _of_form(text, (reduces.FORMS if is_merge else splits.FORMS).get(text))
        case "=" if place.owner == "tool":
            return _of_tool(text)
    signature = around.signature(text)
    symbol = around.names.lookup(text)
    if signature is not None and symbol is not None:
        parameters = tuple(f"{name}: {type}" for name, type in signature.parameters)
        label = f"{text}({', '.join(parameters)}) -> {signature.result}"
        names = tuple(name for name, _ in signature.parameters)
        return [Signature(label, getattr(symbol.node, "doc", ""), parameters, names)]
    return _of_function(FUNCTIONS.get(text), 0)


def _of_function(function: Function | None, skipped: int) -> list[Signature]:
    """The overloads of a function; of a filter the first parameter is ``skipped``, which stands before the bar."""
    made = []
    for text in function.overloads if function is not None else ():
        parameters = parts_of(text[text.index("(") + 1 : text.rindex(") ->")])[skipped:]
        names = tuple(parameter.removeprefix("...").partition(":")[0] for parameter in parameters)
        made.append(Signature(text, function.doc if function is not None else "", tuple(parameters), names))
    return made


def _of_form(name: str, form: Form | None) -> list[Signature]:
    if form is None or not form.parameters:
        return []
    parameters = tuple(f"{one}?" if one in form.optional else one for one in form.parameters)
    return [Signature(f"{name}({', '.join(parameters)})", form.doc, parameters, form.parameters)]


def _of_format(name: str) -> list[Signature]:
    options = formats.OPTIONS.get(name, {})
    if not options:
        return []
    parameters = tuple(f"{option}: {spec.wanted}" for option, spec in options.items())
    doc = "\n".join([formats.DOCS[name], "", *(f"- `{option}`: {spec.doc}" for option, spec in options.items())])
    return [Signature(f"{name}({', '.join(parameters)})", doc, parameters, tuple(options))]


def _of_tool(name: str) -> list[Signature]:
    kind = builtin_tools.KINDS.get(name)
    if kind is None or not kind.takes:
        return []
    parameters = (f"...{kind.takes}", *(["rows: int"] if kind.rows else []))
    return [
        Signature(f"{name}({', '.join(parameters)})", kind.doc, parameters, (kind.takes, "rows")[: len(parameters)])
    ]


def _filter(place: Place) -> SignatureHelp | None:
    """The filter of a template whose brackets are open."""
    token = place.prefix.string
    if token is None:
        return None
    from apwa_lang.semantics.template_syntax import words

    text = place.view.source.text[token.start : place.word.start]
    found = words(text.removeprefix('"""').removeprefix('"'))
    depth = given = 0
    name: str | None = None
    for index in range(len(found) - 1, 1, -1):
        kind, value = found[index]
        if kind in ("variable_end", "block_end"):
            return None
        depth += (value in (")", "]")) - (value in ("(", "["))
        if depth < 0:
            if value != "(" or found[index - 2][1] != "|":
                return None
            signatures = _of_function(FILTERS.get(found[index - 1][1]), 1)
            return _help(signatures, given, name) if signatures else None
        if depth == 0 and value == ",":
            given += 1
        if depth == 0 and value == "=" and not given:
            name = found[index - 1][1]
    return None
