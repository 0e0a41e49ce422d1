"""What each word of a file is, for its colour.

In: an open file and the part that is shown. Out: its words in order, with types and modifiers of the protocol's own
names. Names are what the analysis found them to be; templates are told apart from the text around them.
"""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from apwa_lang.lsp.view import View
from apwa_lang.semantics.uses import Kind, Role, Use
from apwa_lang.syntax import nodes as ast
from apwa_lang.syntax.keywords import KEYWORDS
from apwa_lang.syntax.source import Source, Span
from apwa_lang.syntax.tokens import scan
from apwa_lang.syntax.walk import children

TYPES = (
    *("namespace", "type", "struct", "parameter", "variable", "property", "enumMember", "function", "keyword"),
    *("comment", "string", "number", "regexp", "operator", "decorator"),
)
MODIFIERS = ("declaration", "readonly", "defaultLibrary", "documentation", "modification")

_TYPE_OF: Mapping[Kind, str] = {
    "import": "namespace",
    "parameter": "parameter",
    "record": "struct",
    "table": "variable",
    "model": "variable",
    "tool": "function",
    "task": "function",
    "split": "variable",
    "flow": "function",
    "field": "property",
    "argument": "parameter",
    "step": "variable",
    "variable": "variable",
    "type": "type",
    "function": "function",
    "filter": "function",
    "test": "function",
}
_READONLY = frozenset(("table", "model", "parameter", "split"))
_LIBRARY = ("defaultLibrary",)
_TEMPLATES = frozenset(("prompt", "system", "shell", "reads", "writes", "network", "secrets", "reduces"))
_PART = re.compile(r"\{#.*?(?:#\}|\Z)|\{\{.*?(?:\}\}|\Z)|\{%.*?(?:%\}|\Z)", re.DOTALL)
_WORD = re.compile(
    r"(?P<operator>\{[{%][-+]?|[-+]?[%}]\}|\|)"
    r"|(?P<string>\"(?:[^\"\\]|\\.)*\"|'(?:[^'\\]|\\.)*')"
    r"|(?P<number>\d[\d_]*(?:\.\d+)?)"
    r"|(?P<word>[^\W\d]\w*)",
    re.DOTALL,
)
_OF_TEMPLATES = frozenset(
    (
        *("for", "in", "if", "elif", "else", "endif", "endfor", "set", "is", "not", "and", "or"),
        *("true", "false", "none", "recursive"),
    )
)


@dataclass(frozen=True, slots=True)
class Token:
    """A word, or a piece of a text or comment, which may have several lines."""

    start: int
    end: int
    type: str
    modifiers: tuple[str, ...] = ()


def semantic_tokens(view: View, within: Span) -> tuple[Token, ...]:
    """The tokens that overlap ``within``, in order of place; no two overlap."""
    found: list[Token] = []
    for token in sorted(_Tokens(view, within).all(), key=lambda token: token.start):
        if not found or found[-1].end <= token.start:
            found.append(token)
    return tuple(found)


class _Tokens:
    """The tokens of one part of a file."""

    def __init__(self, view: View, within: Span) -> None:
        self._view = view
        self._within = within
        self._uses: dict[int, Use] = {}
        for use in view.checked.uses.of_file(view.source):
            if self._shown(use.span):
                self._uses.setdefault(use.span.start, use)
        self._starts = list(self._uses)
        self._named: set[int] = set()
        self._inside: set[int] = set()

    def all(self) -> Iterator[Token]:
        """Every token, in no order."""
        view = self._view
        for comment in view.module.comments:
            if self._shown(comment.span):
                documents = ("documentation",) if comment.span.text.startswith("##") else ()
                yield Token(comment.span.start, comment.span.end, "comment", documents)
        for declaration in view.module.declarations:
            if self._shown(declaration.span):
                yield from self._node(declaration, None, False)
        for start, use in self._uses.items():
            if start not in self._inside:
                yield _of_use(use)
        yield from self._keywords()

    def _shown(self, span: Span) -> bool:
        return span.start <= self._within.end and span.end >= self._within.start

    def _keywords(self) -> Iterator[Token]:
        """Words of the grammar that the parser has read as no name, from the declaration before to the one behind."""
        declarations, text = self._view.module.declarations, self._view.source.text
        first = max((each.span.end for each in declarations if each.span.end < self._within.start), default=0)
        last = min((each.span.start for each in declarations if each.span.start > self._within.end), default=len(text))
        for token in scan(Source(text[first:last])).tokens:
            start = first + token.start
            if token.kind in KEYWORDS and start not in self._named and start not in self._uses:
                found = Span(self._view.source, start, first + token.end)
                if self._shown(found):
                    yield Token(found.start, found.end, "keyword")

    def _node(self, node: ast.Node, parent: ast.Node | None, template: bool) -> Iterator[Token]:
        pending: list[tuple[ast.Node, ast.Node | None, bool]] = [(node, parent, template)]
        while pending:
            node, parent, template = pending.pop()
            match node:
                case ast.StringLiteral():
                    yield from self._text(node, parent, template or isinstance(parent, ast.Save))
                case ast.Name() | ast.Variable():
                    yield from self._name(node, parent)
                case ast.IntLiteral() | ast.FloatLiteral() | ast.DurationLiteral() | ast.SizeLiteral():
                    yield Token(node.span.start, node.span.end, "number")
                case ast.Attribute(name=name):
                    self._named.add(name.span.start)
                    yield Token(node.span.start, name.span.end, "decorator", _LIBRARY)
                    pending.extend((argument, node, False) for argument in node.arguments)
                case ast.Entry(quoted=ast.StringLiteral() as quoted):
                    pending.append((quoted, node, template))
                    pending.append((node.value, node, template))
                case ast.Setting(name=name):
                    pending.extend((each, node, name.text in _TEMPLATES) for each in children(node))
                case _:
                    pending.extend((each, node, template) for each in children(node))

    def _name(self, node: ast.Name | ast.Variable, parent: ast.Node | None) -> Iterator[Token]:
        start, end = node.span.start, node.span.end
        self._named.add(start)
        if isinstance(node, ast.Name) and "." in node.text:
            self._named.add(end - len(node.text.rpartition(".")[2]))
        if start in self._uses:
            return
        match parent:
            case ast.Setting(name=name) | ast.Entry(key=name) if node is name:
                yield Token(start, end, "property")
            case ast.Rule(name=name) | ast.Call(function=name) if node is name:
                yield Token(start, end, "function", _LIBRARY)
            case ast.Argument(name=name) if node is name:
                yield Token(start, end, "parameter")
            case ast.Setting() if isinstance(node, ast.Variable):
                yield Token(start, end, "enumMember")
            case _:
                pass

    def _text(self, node: ast.StringLiteral, parent: ast.Node | None, template: bool) -> Iterator[Token]:
        """A text in pieces, around the names that stand in it and, of a template, around all that is not shown."""
        kind = "string"
        if isinstance(parent, ast.Argument) and self._is_pattern(node):
            kind = "regexp"
        inner = list(self._template(node)) if template else []
        known = {token.start for token in inner}
        first, last = node.span.start, node.span.end
        starts = self._starts[bisect_right(self._starts, first) : bisect_left(self._starts, last)]
        inner += [_of_use(self._uses[start]) for start in starts if start not in known]
        at = first
        for token in sorted(inner, key=lambda token: token.start):
            self._inside.add(token.start)
            if at < token.start:
                yield Token(at, token.start, kind)
            yield token
            at = token.end
        if at < last:
            yield Token(at, last, kind)

    def _is_pattern(self, node: ast.StringLiteral) -> bool:
        before = self._view.source.text[max(0, node.span.start - 40) : node.span.start]
        return re.search(r"@pattern\s*\(\s*\Z", before) is not None

    def _template(self, node: ast.StringLiteral) -> Iterator[Token]:
        """The parts of a template that are no text."""
        for part in _PART.finditer(node.value):
            if part.group().startswith("{#"):
                yield _at(node, part.start(), part.end(), "comment")
                continue
            at = part.start()
            for word in _WORD.finditer(node.value, part.start(), part.end()):
                yield from _marks(node, at, word.start())
                yield from self._of_template(node, word)
                at = word.end()
            yield from _marks(node, at, part.end())

    def _of_template(self, node: ast.StringLiteral, word: re.Match[str]) -> Iterator[Token]:
        start, end = word.span()
        kind = word.lastgroup or "operator"
        use = self._uses.get(node.offsets[start + 1 if kind == "string" else start])
        if use is not None and kind == "string":
            yield _at(node, start, start + 1, kind)
            yield _of_use(use)
            yield _at(node, end - 1, end, kind)
        elif use is not None:
            yield _of_use(use)
        elif kind == "word":
            yield _at(node, start, end, "keyword" if word.group() in _OF_TEMPLATES else "variable")
        else:
            yield _at(node, start, end, kind)


def _marks(node: ast.StringLiteral, start: int, end: int) -> Iterator[Token]:
    """What stands between the words of a template, without white space."""
    for mark in re.finditer(r"\S+", node.value[start:end]):
        yield _at(node, start + mark.start(), start + mark.end(), "operator")


def _at(node: ast.StringLiteral, start: int, end: int, kind: str) -> Token:
    span = node.place(start, end)
    return Token(span.start, span.end, kind)


def _of_use(use: Use) -> Token:
    declaration = use.declaration
    modifiers = [] if declaration.span is not None else ["defaultLibrary"]
    if use.role is Role.DEFINITION:
        modifiers.append("declaration")
    elif use.role is Role.WRITE and declaration.kind in ("step", "split"):
        modifiers.append("modification")
    if declaration.kind in _READONLY:
        modifiers.append("readonly")
    return Token(use.span.start, use.span.end, _TYPE_OF[declaration.kind], tuple(modifiers))
