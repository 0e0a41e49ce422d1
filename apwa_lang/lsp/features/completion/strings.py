"""Inside of texts: files, Python functions, hosts, choices, and templates.

In: a place in a string, and what the string is for. Out: items, and the characters of the string that they stand for.
"""

from __future__ import annotations

import ast as python
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from apwa_lang.lsp.context.around import Around
from apwa_lang.lsp.context.expected import Expected
from apwa_lang.lsp.context.place import Place
from apwa_lang.lsp.context.scopes import scope_at
from apwa_lang.lsp.features.completion.item import LIKELY, USUAL, Item
from apwa_lang.lsp.features.completion.settings import setting_of, setting_values
from apwa_lang.lsp.features.completion.templates import in_template
from apwa_lang.semantics.formats import SAVE_SUFFIXES
from apwa_lang.semantics.types import Choice, Optional
from apwa_lang.syntax.source import Span

_MOST_FILES = 500
_VARIABLE = re.compile(r'\b(?:env|secret)\("(\w+)"\)')
_HIDDEN = (".", "__pycache__")


@dataclass(frozen=True)
class Text:
    """What a string holds before the place, and where that begins."""

    written: str
    start: int
    triple: bool


def in_string(place: Place, around: Around) -> tuple[list[Item], Span]:
    """What may stand at a place in a string, and the characters that it replaces."""
    text = _text(place)
    purpose = _purpose(place)
    source = place.view.source
    if purpose in ("prompt", "path", "shell"):
        hole = in_template(place, around, text.written, path=purpose == "path")
        if hole is not None:
            return hole, place.word
    folder = source.file.parent if source.file is not None else None
    component = text.start + text.written.rfind("/") + 1
    match purpose:
        case "python":
            return _targets(text.written, folder), _from(place, text.start + _target_start(text.written))
        case "import":
            return list(_files(folder, text.written, (".apwa",))), _from(place, component)
        case "read" | "files" | "reads" | "path":
            found = list(_files(folder, text.written, ()))
            if place.before() == "to":
                found += _suffixes(text.written)
            return found, _from(place, component)
        case "sql":
            return list(_columns(around)), place.word
        case "argument" | "value":
            return list(_choices(place, around)), _from(place, text.start)
        case _:
            return [], place.word


def _text(place: Place) -> Text:
    token = place.prefix.string
    assert token is not None
    source = place.view.source.text
    triple = source.startswith('"""', token.start)
    start = token.start + (3 if triple else 1)
    return Text(source[start : place.offset], start, triple)


def _from(place: Place, start: int) -> Span:
    return Span(place.view.source, start, max(start, place.word.end))


def _purpose(place: Place) -> str:
    """What the string is for."""
    before = place.before()
    if before in ("import", "read", "files", "sql", "python"):
        return before
    if before == "to":
        return "path"
    if before == "(" and getattr(place.parts[-2].value, "text", "") in ("python", "skills"):
        return "python" if place.parts[-2].value.text == "python" and place.owner != "tool" else "read"
    match setting_of(place):
        case "prompt" | "system":
            return "prompt"
        case "shell":
            return "shell"
        case "python" | "torch":
            return "python"
        case "reads" | "writes" | "reduces":
            return "path"
        case "path":
            return "read"
    return "value"


def _files(folder: Path | None, written: str, suffixes: tuple[str, ...]) -> Iterator[Item]:
    """Files and folders beside the program, in the folder that is written so far."""
    if folder is None or written.startswith("/") or "\0" in written or "://" in written:
        return
    below = folder / written.rpartition("/")[0]
    try:
        found = sorted(below.iterdir())[:_MOST_FILES]
    except OSError:
        return
    for path in found:
        if path.name.startswith(_HIDDEN):
            continue
        if path.is_dir():
            yield Item(path.name, "folder", rank=USUAL, insert=f"{path.name}/", again=True)
        elif not suffixes or path.suffix in suffixes:
            yield Item(path.name, "file", rank=LIKELY)


def _suffixes(written: str) -> list[Item]:
    """The formats of `save`, for a name without its suffix."""
    name = written.rpartition("/")[2].partition(".")[0]
    if not name:
        return []
    return [Item(f"{name}{suffix}", "file", f"saved as {format}") for suffix, format in SAVE_SUFFIXES.items()]


def _target_start(written: str) -> int:
    return written.rfind(":") + 1 if ":" in written else written.rfind(".") + 1


def _targets(written: str, folder: Path | None) -> list[Item]:
    """Modules beside the program, or behind a `:` what a module defines; nothing is imported."""
    if folder is None:
        return []
    module, colon, _ = written.partition(":")
    if colon:
        return list(_definitions(folder.joinpath(*module.split(".")).with_suffix(".py")))
    items = _files(folder.joinpath(*module.split(".")[:-1]), "", (".py",))
    return [
        Item(name, "module", item.label, rank=LIKELY, insert=f"{name}:" if item.kind == "file" else None, again=True)
        for item in items
        if (name := item.label.removesuffix(".py")).isidentifier()
    ]


def _definitions(file: Path) -> Iterator[Item]:
    try:
        tree = python.parse(file.read_bytes())
    except (OSError, SyntaxError, ValueError, RecursionError):
        return
    for node in tree.body:
        if isinstance(node, python.FunctionDef | python.AsyncFunctionDef | python.ClassDef):
            doc = python.get_docstring(node) or ""
            detail = "class" if isinstance(node, python.ClassDef) else f"({python.unparse(node.args)})"
            yield Item(node.name, "function", detail, doc, USUAL if node.name.startswith("_") else LIKELY)


def _columns(around: Around) -> Iterator[Item]:
    for text, symbol in around.of_kind("table"):
        if "." not in text:
            yield Item(text, "table", rank=LIKELY)
            table = around.world.tables.get(symbol.name)
            for field in table.record.fields if table is not None else ():
                yield Item(field.name, "field", f"{field.type} of {text}", field.description)


def _choices(place: Place, around: Around) -> Iterator[Item]:
    """The texts that a setting or a type allows; in `env` and `secret` the names that the program asks for."""
    if place.before() == "(" and getattr(place.parts[-2].value, "text", "") in ("env", "secret"):
        named = dict.fromkeys(_VARIABLE.findall(place.view.source.text))
        yield from (Item(name, "value", rank=LIKELY) for name in named)
        return
    for item in setting_values(place, around) if setting_of(place) else ():
        if item.label.strip('"').isidentifier() and item.kind == "value":
            yield Item(item.label.strip('"'), "value", item.detail, item.doc, LIKELY)
    wanted = Expected(place, scope_at(place, around), around).type()
    wanted = wanted.inner if isinstance(wanted, Optional) else wanted
    if isinstance(wanted, Choice):
        yield from (Item(value, "value", rank=LIKELY) for value in wanted.values)
