"""Declared effects: what a task or tool may touch.

In: the settings ``reads``, ``writes``, ``reduces``, ``network`` and ``secrets``, and the scope of their templates. Out:
effects in the order of the settings.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from apwa_lang.diagnostics.codes import effects as codes
from apwa_lang.semantics.context import File
from apwa_lang.semantics.media import has_filter, holds_files
from apwa_lang.semantics.program import Effect, Hole, Template
from apwa_lang.semantics.scope import Scope
from apwa_lang.semantics.settings import Settings, word
from apwa_lang.semantics.types import FILE
from apwa_lang.syntax import nodes as ast
from apwa_lang.syntax.source import Span

SETTINGS = ("reads", "writes", "network", "secrets", "reduces")
OPERATIONS = ("sum", "count", "min", "max", "union", "log")

_KINDS = {"reads": "read", "writes": "write", "network": "network", "secrets": "secret"}
_WANTED = {
    "reads": "a path, a list of paths, or `{ name: path }`",
    "writes": "a path, a list of paths, or `{ name: path }`",
    "network": "a host or URL, or a list of them",
    "secrets": "the name of an environment variable, or a list of them",
}


def resolve_effects(settings: Settings, scope: Scope, parameters: frozenset[str], file: File) -> tuple[Effect, ...]:
    """The effects that ``settings`` declare; ``scope`` holds the ``parameters`` of the task or tool."""
    return tuple(_Effects(settings, scope, parameters, file).all())


def shown_files(prompt: Template, scope: Scope) -> Iterator[Effect]:
    """A read for each file that a prompt shows; one for all of them where statements choose or repeat what it shows.

    Such a prompt may show files if a name in it has some, or a filter makes one of a path.
    """
    if prompt.segments is not None:
        for shown in prompt.shows:
            span = shown.hole.span
            yield Effect("read", Template(shown.text, prompt.names, (shown.hole,), span), False, span, shown=True)
        return
    types = (binding.type for name in prompt.names if (binding := scope.names.get(name)) is not None)
    if has_filter(prompt.text) or any(map(holds_files, types)):
        hole = Hole(None, FILE, (), prompt.span)
        yield Effect("read", replace(prompt, segments=(hole,)), False, prompt.span, shown=True)


class _Effects:
    """The effects of one task or tool."""

    def __init__(self, settings: Settings, scope: Scope, parameters: frozenset[str], file: File) -> None:
        self._settings = settings
        self._scope = scope
        self._parameters = parameters
        self._file = file

    def all(self) -> Iterator[Effect]:
        """Every effect that can be read."""
        for name in _KINDS:
            setting = self._settings.get(name)
            if setting is not None:
                yield from self._listed(name, setting.value)
        reduces = self._settings.get("reduces")
        if reduces is not None:
            yield from self._reduces(reduces.value)

    def _listed(self, setting: str, value: ast.Expr) -> Iterator[Effect]:
        match value:
            case ast.StringLiteral():
                yield from self._effect(setting, value)
            case ast.Variable(span=span, name=name) if setting == "secrets":
                yield Effect("secret", Template(name, frozenset(), (), span), False, span)
            case ast.ListLiteral(items=items):
                for item in items:
                    if isinstance(item, ast.ListLiteral | ast.RecordLiteral):
                        self._file.report(codes.bad_effect(item.span, setting, _WANTED[setting]))
                    else:
                        yield from self._listed(setting, item)
            case ast.RecordLiteral(entries=entries, type=None) if setting in ("reads", "writes"):
                yield from self._labelled(setting, entries)
            case ast.ErrorExpr():
                pass
            case _:
                self._file.report(codes.bad_effect(value.span, setting, _WANTED[setting]))

    def _labelled(self, setting: str, entries: tuple[ast.Entry, ...]) -> Iterator[Effect]:
        places: dict[str, Span] = {}
        for entry in entries:
            name = entry.key
            if name.text in places:
                self._file.report(codes.repeated_label(name, places[name.text]))
                continue
            places[name.text] = name.span
            if isinstance(entry.value, ast.StringLiteral):
                yield from self._effect(setting, entry.value, name.text)
            elif not isinstance(entry.value, ast.ErrorExpr):
                self._file.report(codes.bad_effect(entry.value.span, setting, "paths"))

    def _reduces(self, value: ast.Expr) -> Iterator[Effect]:
        if isinstance(value, ast.ErrorExpr):
            return
        if not isinstance(value, ast.RecordLiteral) or any(entry.quoted is None for entry in value.entries):
            self._file.report(codes.bad_effect(value.span, "reduces", '`{ "path": sum }`'))
            return
        for entry in value.entries:
            operation = word(entry.value, "reduces", OPERATIONS, self._file.report)
            if entry.quoted is not None and operation is not None:
                for effect in self._effect("writes", entry.quoted):
                    yield Effect("reduce", effect.target, effect.tree, effect.span, None, operation)

    def _effect(self, setting: str, text: ast.StringLiteral, label: str | None = None) -> Iterator[Effect]:
        kind = _KINDS[setting]
        if not text.value.strip():
            self._file.report(codes.empty_effect(text.span, setting))
            return
        is_path = kind in ("read", "write")
        tree = is_path and text.value.endswith("/**")
        if is_path and not (self._is_file(text, tree) and self._stars_are_last(text, tree)):
            return
        template = self._file.template(text, self._scope, self._parameters, path=is_path)
        yield Effect(kind, template, tree, text.span, label)

    def _is_file(self, text: ast.StringLiteral, tree: bool) -> bool:
        """Whether a path may be that of a file (or, for a tree, of a folder) on this machine."""
        path = text.value.removesuffix("/**") if tree else text.value
        last = path.rpartition("/")[2]
        if "://" in path:
            why = "tasks read and write local files only"
        elif last in ("", ".", ".."):
            why = "it ends in a folder"
        else:
            return True
        self._file.report(codes.not_a_file(text.span, why))
        return False

    def _stars_are_last(self, text: ast.StringLiteral, tree: bool) -> bool:
        """Whether the fixed text of a path has ``*`` only in a last ``/**``; holes may multiply."""
        end = len(text.value) - 3 if tree else len(text.value)
        at = 0
        while at < end:
            if text.value.startswith("{{", at):
                close = text.value.find("}}", at)
                at = end if close < 0 else close + 2
                continue
            if text.value[at] == "*":
                self._file.report(codes.stars(text.place(at, at + 1)))
                return False
            at += 1
        return True
