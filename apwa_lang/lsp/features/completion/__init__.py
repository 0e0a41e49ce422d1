"""Completion: what may stand at a place.

In: a view and an offset. Out: :class:`Completions`. The parser's state says which terminals and rules may begin there;
the words of the grammar are offered as they are, and each rule that begins with a name has one function here.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from apwa_lang.diagnostics.model import Severity
from apwa_lang.diagnostics.registry import all_codes
from apwa_lang.lsp.context.around import Around
from apwa_lang.lsp.context.expected import Expected
from apwa_lang.lsp.context.place import Place, place_at
from apwa_lang.lsp.context.scopes import reach_at, record_of, scope_at
from apwa_lang.lsp.features.completion import names, settings, words
from apwa_lang.lsp.features.completion.item import LIKELY, USUAL, Completions, Item
from apwa_lang.lsp.features.completion.keywords import keywords
from apwa_lang.lsp.features.completion.references import reference
from apwa_lang.lsp.features.completion.strings import in_string
from apwa_lang.lsp.view import View
from apwa_lang.semantics.types import RecordType
from apwa_lang.syntax import nodes as ast
from apwa_lang.syntax.source import Span

__all__ = ["Completions", "Item", "complete"]

_TURN = {
    "tool": "The tool that the model calls in this turn.",
    "arguments": "What it gives to the tool.",
    "said": "What it says in this turn.",
}
_IGNORED = re.compile(r"#\s*apwa:\s*ignore\[(?:[A-Z0-9]+\s*,\s*)*[A-Z0-9]*\Z")


def complete(view: View, offset: int) -> Completions:
    """What may stand at ``offset``, best first."""
    place = place_at(view, offset)
    if place.prefix.comment is not None:
        return Completions(tuple(_codes(place)), place.word, offset)
    if place.word.text[:1].isdigit():
        return Completions((), place.word, offset)
    around = Around(view)
    if place.prefix.string is not None:
        found, span = in_string(place, around)
        return Completions(_ranked(found), _in_line(span, offset), offset)
    return Completions(_ranked([*_names(place, around), *keywords(place)]), place.word, offset)


def _in_line(span: Span, offset: int) -> Span:
    """What of a text may be replaced from ``offset`` on: clients take no more than a line."""
    text = span.source.text
    start, end = text.rfind("\n", 0, offset) + 1, text.find("\n", offset)
    return Span(span.source, max(span.start, start), min(span.end, end if end >= 0 else len(text)))


def _ranked(items: Iterable[Item]) -> tuple[Item, ...]:
    """Items in the order of their ranks, the first of each label."""
    distinct: dict[str, Item] = {}
    for item in sorted(items, key=lambda item: item.rank):
        distinct.setdefault(item.label, item)
    return tuple(distinct.values())


def _names(place: Place, around: Around) -> Iterator[Item]:
    """What the place may name."""
    begins = place.begins
    if "NAME" not in place.wanted:
        return
    if "setting" in begins:
        yield from settings.setting_names(place)
    elif "member" in begins:
        yield from (
            names.types(place, around)
            if place.qualifier is None
            else names.members(place.qualifier.text, around, "record")
        )
    elif "entry" in begins:
        yield from _keys(place, around)
    elif "rule" in begins:
        yield from words.rules(place, around)
    elif "format" in begins:
        yield from words.read_formats(place)
    elif "relation" in begins:
        yield from _relation(place, around)
    elif "operand" in begins:
        yield from _expression(place, around)
    elif "dotted" in begins:
        yield from reference(place, around)
    elif place.before() == "@":
        yield from words.attributes(place)
    elif place.before() == ".":
        yield from names.after_value(place, around)


def _relation(place: Place, around: Around) -> Iterator[Item]:
    """A table to go on with, or a task to call."""
    if place.qualifier is not None:
        yield from names.members(place.qualifier.text, around, "table", "task")
        return
    yield from names.tables(reach_at(place, around), around, USUAL)
    yield from names.declared(around, "task", rank=USUAL)


def _expression(place: Place, around: Around) -> Iterator[Item]:
    if "argument" in place.begins:
        if place.owner == "tool":
            yield from names.declared(around, "table")
        if place.before(2) in ("NAME", "_arguments") and place.owner in ("split", "flow"):
            yield from _of_rule(place, around)
        yield from words.argument_names(place, around)
    if "_settings" in [part.symbol for part in place.parts]:
        yield from settings.setting_values(place, around)
        if settings.setting_of(place) not in ("require", "ensure", "return", "route", "resources"):
            return
    if place.owner == "table" and any(part.symbol == "as" for part in place.parts):
        yield from words.option_values(place)
        return
    yield from names.expression(place, around)


def _of_rule(place: Place, around: Around) -> Iterator[Item]:
    """What a split rule takes: a table for `cross`, a model for `plan`."""
    at = next((index for index in range(len(place.parts) - 1, 0, -1) if place.parts[index].symbol == "("), 0)
    rule = place.parts[at - 1].value
    match rule.text if isinstance(rule, ast.Name) else "":
        case "cross":
            yield from names.tables(reach_at(place, around), around)
        case "plan":
            yield from names.declared(around, "model")


def _keys(place: Place, around: Around) -> Iterator[Item]:
    """Keys of a record literal that it does not have yet; models of a route."""
    setting = settings.setting_of(place)
    if setting == "route":
        yield from settings.setting_values(place, around)
        return
    if setting in ("budget", "resources", "price", "rate"):
        yield from settings.setting_keys(place)
        return
    scope = scope_at(place, around)
    expected = Expected(place, scope, around)
    at = expected.braces()
    if at is None:
        return
    record = expected.record(at)
    if record is None and place.parts[at - 1].symbol == "select":
        name = place.parts[at - 2].value
        record = record_of(name if isinstance(name, ast.Name) else None, reach_at(place, around))
    turn = expected.turn() if record is None else None
    if turn is not None:
        record = turn if isinstance(turn, RecordType) else None
        yield from (Item(key, "field", doc=doc, rank=LIKELY, snippet=f"{key}: $1") for key, doc in _TURN.items())
    given = {one.key.text for part in place.parts[at:] if part.symbol == "_entries" for one in part.value if _is(one)}
    for field in record.fields if record is not None else ():
        if field.name not in given:
            snippet = None if place.following().startswith(":") else f"{field.name}: $1"
            yield Item(field.name, "field", str(field.type), field.description, LIKELY, snippet=snippet)


def _is(node: object) -> bool:
    return isinstance(node, ast.Entry)


def _codes(place: Place) -> Iterator[Item]:
    """Codes of warnings, in a comment that silences some; errors cannot be silenced."""
    text = place.view.source.text
    start = place.prefix.comment or 0
    if _IGNORED.fullmatch(text[start : place.offset]):
        for entry in (code for code in all_codes() if code.severity is not Severity.ERROR):
            yield Item(entry.id, "code", entry.title, rank=LIKELY)
