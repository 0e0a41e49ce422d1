"""Texts: other quotes, and paths whose values are made safe.

In: a text under the cursor. Out: the same text between other quotes; the path with `| key` in each of its holes.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from apwa_lang.diagnostics.model import Edit
from apwa_lang.lsp.features.refactorings.edits import Refactoring, indentation, line_end
from apwa_lang.lsp.view import View
from apwa_lang.syntax import nodes as n
from apwa_lang.syntax.source import Source
from apwa_lang.syntax.strings import string_literal

_LONG = ("prompt", "system", "shell")
_ESCAPES = {"\\": "\\\\", '"': '\\"', "\n": "\\n", "\t": "\\t", "\r": "\\r"}


def texts(view: View, path: Sequence[n.Node]) -> Iterator[Refactoring]:
    """Change the quotes of a prompt, or the holes of a path."""
    literal = path[-1] if path else None
    if not isinstance(literal, n.StringLiteral):
        return
    setting = next((node.name.text for node in path if isinstance(node, n.Setting)), "")
    if setting in _LONG:
        yield from _quoted(view, literal)
    if setting == "writes" or isinstance(path[-2], n.Save):
        yield from _keyed(literal)


def _quoted(view: View, literal: n.StringLiteral) -> Iterator[Refactoring]:
    if literal.span.text.startswith('"""'):
        text = f'"{"".join(_ESCAPES.get(letter, letter) for letter in literal.value)}"'
        title = "Write on one line"
    else:
        end = line_end(view.source)
        outer = indentation(view.source, literal.span.start)
        lines = literal.value.replace("\\", "\\\\").replace('"""', '\\"\\"\\"').split("\n")
        inner = end.join(f"{outer}  {line}" if line.strip() else "" for line in lines)
        text = f'"""{end}{inner}{end}{outer}"""'
        title = "Write on lines of its own"
    read, problems = string_literal(Source(text), 0, len(text))
    if read.value == literal.value and not problems:
        yield Refactoring(title, "rewrite", (Edit(literal.span, text),))


def _keyed(literal: n.StringLiteral) -> Iterator[Refactoring]:
    from apwa_lang.semantics.template_syntax import TemplateProblem, parse, words

    try:
        holes = parse(literal.value).holes
    except TemplateProblem:
        return
    edits = []
    for start, end in holes:
        tokens = words(literal.value[start:end])[1:-1]
        if tokens[-2:] != [("operator", "|"), ("name", "key")] and all(
            kind == "name" or value in (".", "|") for kind, value in tokens
        ):
            body = literal.value[start:end]
            inside = body[: len(body) - 2].rstrip()
            edits.append(Edit(literal.place(start + len(inside), start + len(inside)), " | key"))
    if edits:
        yield Refactoring("Make the values of the path safe by `| key`", "rewrite", tuple(edits))
