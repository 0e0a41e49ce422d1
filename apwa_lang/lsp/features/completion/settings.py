"""Settings of tasks, tools and models: their names and their values.

In: a place between the braces of a declaration. Out: items.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from apwa_lang.lsp.context.around import Around
from apwa_lang.lsp.context.place import Place
from apwa_lang.lsp.features.completion.item import LIKELY, POSSIBLE, USUAL, Item
from apwa_lang.lsp.features.completion.names import declared, members
from apwa_lang.lsp.features.completion.values import in_grammar, in_words
from apwa_lang.semantics import models, servers, tools
from apwa_lang.semantics.bodies import BODIES
from apwa_lang.semantics.effects import OPERATIONS
from apwa_lang.semantics.forms import KEYS, OUTSIDE, Form
from apwa_lang.semantics.task_settings import FORMS as OF_TASKS
from apwa_lang.semantics.tasks import CONTRACTS
from apwa_lang.syntax import nodes as ast

_FIRST = ("model", "provider", "name", "retry", "timeout", "on_error", "ensure", "max_tokens", "api_key", "only")
"""Settings that are given more often than others."""


def forms(place: Place) -> Mapping[str, Form]:
    """The settings that the declaration around the place may have."""
    match place.owner:
        case "task":
            return OF_TASKS
        case "model":
            return models.FORMS
        case _:
            is_server = any(part.symbol == "mcp" for part in place.parts)
            return servers.FORMS if is_server else tools.FORMS


def setting_of(place: Place) -> str:
    """The setting that the place is in the value of; "" elsewhere."""
    symbols = [part.symbol for part in place.parts]
    at = symbols.index("_settings") + 1 if "_settings" in symbols else len(symbols)
    name = place.parts[at].value if at < len(symbols) else None
    return name.text if isinstance(name, ast.Name) else ""


def setting_names(place: Place) -> Iterator[Item]:
    """The settings that are not given yet."""
    given = _given(place)
    has_body = bool(given & set(BODIES))
    bare = not place.following()
    for name, form in forms(place).items():
        if name in given and name not in CONTRACTS:
            continue
        rank = POSSIBLE if name in BODIES and has_body else LIKELY if name in _FIRST or name in BODIES else USUAL
        snippet = f"{name}: {_value(name, form)}" if bare else None
        yield Item(name, "setting", form.syntax, _sentence(form.doc), rank, snippet=snippet)


def setting_values(place: Place, around: Around) -> Iterator[Item]:
    """What the value of a setting may be, where that is not any expression."""
    name = setting_of(place)
    form = forms(place).get(name)
    if form is None:
        return
    if name in ("model", "route", "tools"):
        kind = "tool" if name == "tools" else "model"
        if place.qualifier is not None:
            yield from members(place.qualifier.text, around, kind)
        elif place.before() in (":", "[", ",", "{"):
            yield from declared(around, kind)
        return
    if name == "reduces":
        yield from (Item(one, "value", "an update that commutes", rank=LIKELY) for one in OPERATIONS)
    if (place.before() == ":" and name in ("base_url", "api_key")) or place.owner == "model":
        yield from (Item(one, "function", doc=doc, rank=USUAL, snippet=f'{one}("$1")') for one, doc in OUTSIDE.items())
    if place.before() == ":" and place.before(3) == "_settings":
        yield from in_grammar(form.syntax) if place.owner in ("task", "tool") else in_words(form.syntax)


def setting_keys(place: Place) -> Iterator[Item]:
    """The keys of a setting that is a record."""
    for key, doc in KEYS.get(setting_of(place), {}).items():
        yield Item(key, "field", doc=doc, rank=LIKELY, snippet=None if place.following() else f"{key}: $1")


def _given(place: Place) -> set[str]:
    """The settings before the place, and those behind it that the tree has."""
    found = {one.name.text for part in place.parts if part.symbol == "_settings" for one in part.value if _is(one)}
    for node in place.view.module.declarations:
        if node.span.start <= place.offset <= node.span.end:
            settings = getattr(node, "settings", ())
            found |= {one.name.text for one in settings if _is(one) and one.span.start > place.word.end}
    return found


def _is(node: object) -> bool:
    return isinstance(node, ast.Setting)


def _value(name: str, form: Form) -> str:
    if name in ("prompt", "system", "shell"):
        return '"""\n  $0\n"""'
    match form.syntax.split(" | ")[0]:
        case "STRING":
            return '"$1"'
        case "record_literal":
            return "{ $1 }"
        case _:
            return "$1"


def _sentence(doc: str) -> str:
    return doc[:1].upper() + doc[1:] + ("" if doc.endswith(".") else ".")
