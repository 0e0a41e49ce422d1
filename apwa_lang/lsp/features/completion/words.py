"""Words that the language itself gives a meaning at a place: attributes, rules, formats, and names of arguments.

In: a place. Out: items, from the tables that the checker reads.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from apwa_lang.lsp.context.around import Around
from apwa_lang.lsp.context.place import Place
from apwa_lang.lsp.features.completion.item import LIKELY, USUAL, Item, escaped
from apwa_lang.lsp.features.completion.values import in_words
from apwa_lang.semantics import builtin_tools, formats, reduces
from apwa_lang.semantics.attributes import FORMS as ATTRIBUTES
from apwa_lang.semantics.forms import Form
from apwa_lang.semantics.splits import FORMS as SPLITS
from apwa_lang.syntax import nodes as ast


def attributes(place: Place) -> Iterator[Item]:
    """Attributes that the field does not have yet."""
    given = {one.name.text for part in place.parts if part.symbol == "_attributes" for one in part.value if _is(one)}
    for name, form in ATTRIBUTES.items():
        if name not in given:
            inside = form.syntax.partition("(")[2].rstrip(")")
            snippet = f"{name}({_stops(inside)})" if inside and not place.following().startswith("(") else None
            yield Item(name, "rule", form.syntax, form.doc, LIKELY, snippet=snippet)


def rules(place: Place, around: Around) -> Iterator[Item]:
    """Split rules, strategies of `reduce`, or built-in tools."""
    if place.owner == "tool":
        kinds = builtin_tools.KINDS.items()
        yield from _ruled(place, {name: Form(kind.form, kind.doc) for name, kind in kinds}, frozenset())
    elif any(part.symbol == "reduce" for part in place.parts[-5:]):
        task = next((part.value for part in reversed(place.parts) if part.symbol == "dotted"), None)
        function = place.parts[-4].value if place.before(3) == "over" else task
        merges = isinstance(function, ast.Name) and around.signature(function.text) is not None
        likely = reduces.BY_TASK if merges else reduces.BY_FIELD
        yield from _ruled(place, reduces.FORMS, frozenset(reduces.FORMS) - set(likely))
    else:
        table = place.parts[-2].value if len(place.parts) > 1 else None
        symbol = around.names.lookup(table.text) if isinstance(table, ast.Name) else None
        of_files = symbol is not None and around.is_of_files(symbol.name)
        yield from _ruled(place, SPLITS, frozenset() if of_files else frozenset(("file",)))


def read_formats(place: Place) -> Iterator[Item]:
    """Formats of `read … as`."""
    for name, doc in formats.DOCS.items():
        yield Item(name, "rule", doc=doc, rank=LIKELY)


def argument_names(place: Place, around: Around) -> Iterator[Item]:
    """The names of arguments that are not given yet, to be written `name: value`."""
    given = _given(place)
    for name, detail, doc in parameters(place, around):
        if name not in given:
            snippet = None if place.following().startswith(":") else f"{name}: $1"
            yield Item(name, "parameter", detail, doc, USUAL, snippet=snippet)


def parameters(place: Place, around: Around) -> Iterator[tuple[str, str, str]]:
    """The parameters of the call around the place: name, type and meaning."""
    at = len(place.parts) - (3 if place.before() == "," else 1)
    if at < 1 or place.parts[at].symbol != "(":
        return
    name = place.parts[at - 1].value
    text = name.text if isinstance(name, ast.Name) else ""
    if at > 1 and place.parts[at - 2].symbol == "as":
        for option, spec in formats.OPTIONS.get(text, {}).items():
            yield option, spec.wanted, spec.doc
    elif at > 1 and place.parts[at - 2].symbol == "by":
        form = SPLITS.get(text)
        for parameter in form.parameters if form is not None and text != "group" else ():
            yield parameter, form.syntax if form is not None else "", ""
    elif place.owner == "tool":
        if (kind := builtin_tools.KINDS.get(text)) is not None and kind.rows:
            yield "rows", "how many rows it tells of", ""
    elif (signature := around.signature(text)) is not None:
        for parameter, type in signature.parameters:
            yield parameter, str(type), ""


def option_values(place: Place) -> Iterator[Item]:
    """The values of an option of a format."""
    if place.before() != ":" or len(place.parts) < 3:
        return
    name = place.parts[-2].value
    called = next((part.value for part in reversed(place.parts) if part.symbol == "dotted"), None)
    options = formats.OPTIONS.get(called.text, {}) if isinstance(called, ast.Name) else {}
    if isinstance(name, ast.Name) and name.text in options:
        yield from in_words(options[name.text].wanted)


def _ruled(place: Place, forms: Mapping[str, Form], unlikely: frozenset[str]) -> Iterator[Item]:
    has_brackets = place.following().startswith("(")
    for name, form in forms.items():
        inside = form.syntax.partition("(")[2].rstrip(")")
        snippet = f"{name}({_stops(inside)})" if inside and not has_brackets else None
        yield Item(name, "rule", form.syntax, form.doc, USUAL if name in unlikely else LIKELY, snippet=snippet)


def _stops(inside: str) -> str:
    return ", ".join(f"${{{stop}:{escaped(part.strip())}}}" for stop, part in enumerate(inside.split(","), 1))


def _given(place: Place) -> set[str]:
    listed = place.parts[-2].value if place.before() == "," and place.before(2) == "_arguments" else ()
    arguments = [one for one in listed if isinstance(one, ast.Argument)]
    return {one.name.text for one in arguments if one.name is not None}


def _is(node: object) -> bool:
    return isinstance(node, ast.Attribute)
