"""Fields of records: which is the key, and what they hold.

In: a field or record under the cursor. Out: `@key` or `@unique` on the field, doc comments above the fields.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from apwa_lang.diagnostics.model import Edit
from apwa_lang.lsp.features.refactorings.edits import Refactoring, above, starts_line
from apwa_lang.lsp.view import View
from apwa_lang.semantics.attributes import is_keyable
from apwa_lang.syntax import nodes as n
from apwa_lang.syntax.source import Span


def fields(view: View, path: Sequence[n.Node]) -> Iterator[Refactoring]:
    """Mark the field as a key, or describe all fields."""
    match path:
        case [n.Record() as record, n.FieldDecl() as field, *_]:
            yield from _marked(view, record, field)
            yield from _described(record)
        case [n.Record() as record, *_]:
            yield from _described(record)


def _marked(view: View, record: n.Record, field: n.FieldDecl) -> Iterator[Refactoring]:
    made = view.checked.program.records.get(record.name.text)
    found = made.field(field.name.text) if made is not None else None
    if made is None or found is None or not is_keyable(found.type):
        return
    place = Span(view.source, field.type.span.end, field.type.span.end)
    if not made.keys:
        title = f"Mark `{found.name}` as the key of `{made.name}`"
        yield Refactoring(title, "rewrite", (Edit(place, " @key"),))
    if not found.key and not found.unique:
        yield Refactoring(f"Mark `{found.name}` as unique", "rewrite", (Edit(place, " @unique"),))


def _described(record: n.Record) -> Iterator[Refactoring]:
    bare = [field for field in record.fields if not field.doc and starts_line(field.span) and not _described_by(field)]
    if bare:
        edits = tuple(above(field.span, f"## {_words(field.name.text)}.") for field in bare)
        yield Refactoring(f"Describe the fields of `{record.name.text}`", "rewrite", edits)


def _described_by(field: n.FieldDecl) -> bool:
    return any(attribute.name.text == "description" for attribute in field.attributes)


def _words(name: str) -> str:
    words = name.replace("_", " ").strip() or name
    return words[:1].upper() + words[1:]
